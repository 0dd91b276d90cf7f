// Writes what a backlog holds to redis, on a thread of its own, and connects again for as long as it must.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "scenarios/redis_client/backlog.hpp"
#include "scenarios/redis_subscription/backoff.hpp"
#include "scenarios/redis_subscription/connection.hpp"

namespace redis_client {

class LogWriter {
 public:
  LogWriter(redis_subscription::Endpoint endpoint, Backlog& backlog);
  // What is left in the backlog is not written.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  std::uint64_t written() const { return written_; }

 private:
  void run();
  bool connect();
  bool write(const Command& command);

  const redis_subscription::Endpoint endpoint_;
  Backlog& backlog_;
  redis_subscription::WakeEvent stop_;
  std::atomic<bool> stopping_{false};
  redis_subscription::Backoff backoff_;
  std::unique_ptr<redis_subscription::Connection> connection_;
  std::atomic<std::uint64_t> written_{0};
  std::thread thread_;
};

}  // namespace redis_client
