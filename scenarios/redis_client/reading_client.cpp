#include "scenarios/redis_client/reading_client.hpp"

#include <chrono>
#include <utility>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using namespace redis_subscription;

constexpr auto timeout = 5s;

}  // namespace

ReadingClient::ReadingClient(Endpoint endpoint, std::string channel, LostReaders lost_readers)
    : endpoint_(std::move(endpoint)),
      channel_(std::move(channel)),
      lost_readers_(lost_readers),
      thread_([this] { run(); }) {}

ReadingClient::~ReadingClient() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  stop_.set();
  thread_.join();
}

std::size_t ReadingClient::readers() const {
  const std::lock_guard lock(mutex_);
  return readers_.size();
}

void ReadingClient::run() {
  Backoff backoff;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || is_lost_; });
    if (stopping_) return;
    lock.unlock();
    auto delay = 0ms;
    try {
      connect();
      backoff.succeeded();
    } catch (const RedisError&) {
      delay = backoff.failed();
    }
    lock.lock();
    changed_.wait_for(lock, delay, [this] { return stopping_; });
  }
}

void ReadingClient::connect() {
  auto connection = std::make_unique<Connection>(endpoint_, timeout, stop_);
  connection->command({"SUBSCRIBE", channel_}, timeout);

  std::list<std::unique_ptr<Reader>> ended;  // their threads are waited for without the lock
  const std::lock_guard lock(mutex_);
  if (lost_readers_ == LostReaders::ended) ended.swap(readers_);
  is_lost_ = false;
  readers_.push_back(std::make_unique<Reader>(std::move(connection),
                                              Reader::Events{[this](const std::string&) { ++messages_; },
                                                             [this] {
                                                               const std::lock_guard lost(mutex_);
                                                               is_lost_ = true;
                                                               changed_.notify_all();
                                                             }}));
  ++connections_;
}

}  // namespace redis_client
