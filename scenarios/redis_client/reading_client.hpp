// A client that subscribes to a channel and starts a reader for each connection it makes.
//
// Follows StackExchange.Redis issue 643: thread handles pile up with the reconnects, thousands of them, and
// the events that their threads wait for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "scenarios/redis_client/reader.hpp"
#include "scenarios/redis_subscription/backoff.hpp"

namespace redis_client {

// What becomes of a reader whose connection is lost: it is ended before the next one starts (the fix), or
// kept for ever (the leak).
enum class LostReaders { ended, kept };

class ReadingClient {
 public:
  // Connects on a thread of its own, again and again.
  ReadingClient(redis_subscription::Endpoint endpoint, std::string channel, LostReaders lost_readers);
  ~ReadingClient();
  ReadingClient(const ReadingClient&) = delete;
  ReadingClient& operator=(const ReadingClient&) = delete;

  std::uint64_t connections() const { return connections_; }
  std::uint64_t messages() const { return messages_; }
  std::size_t readers() const;

 private:
  void run();
  void connect();

  const redis_subscription::Endpoint endpoint_;
  const std::string channel_;
  const LostReaders lost_readers_;
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::uint64_t> messages_{0};
  redis_subscription::WakeEvent stop_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool is_lost_ = true;
  bool stopping_ = false;
  std::list<std::unique_ptr<Reader>> readers_;
  std::thread thread_;
};

}  // namespace redis_client
