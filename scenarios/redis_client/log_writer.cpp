#include "scenarios/redis_client/log_writer.hpp"

#include <poll.h>

#include <chrono>
#include <utility>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using redis_subscription::Connection;

constexpr auto timeout = 5s;

}  // namespace

LogWriter::LogWriter(redis_subscription::Endpoint endpoint, Backlog& backlog)
    : endpoint_(std::move(endpoint)), backlog_(backlog), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  stopping_ = true;
  stop_.set();
  backlog_.close();
  thread_.join();
}

void LogWriter::run() {
  while (!stopping_) {
    if (!connection_ && !connect()) continue;
    auto command = backlog_.take();
    if (!command || write(*command)) continue;
    connection_.reset();
    backlog_.put_back(std::move(*command));
  }
}

bool LogWriter::connect() {
  try {
    connection_ = std::make_unique<Connection>(endpoint_, timeout, stop_);
    backoff_.succeeded();
    return true;
  } catch (const redis_subscription::RedisError&) {
    pollfd stopped{stop_.fd(), POLLIN, 0};
    ::poll(&stopped, 1, static_cast<int>(backoff_.failed().count()));
    return false;
  }
}

bool LogWriter::write(const Command& command) {
  try {
    connection_->command({command.name, command.key, command.value}, timeout);
    ++written_;
    return true;
  } catch (const redis_subscription::RedisError&) {
    return false;
  }
}

}  // namespace redis_client
