// The service's work: an order comes in on a channel, is compared with the last one, kept and acknowledged.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace redis_subscription {

class Subscriber {
 public:
  // Orders share this many keys, so that neither redis nor the service grows with them.
  static constexpr std::uint64_t keys = 1024;

  static std::string key_of(const std::string& order);

  // Takes redis_instance() once; reads, writes and publishes "KEY BYTES BYTES_BEFORE" on CHANNEL.ack through
  // it. Throws std::invalid_argument for an empty order; what redis refuses or loses is counted as failed.
  void on_message(const std::string& channel, const std::string& order);

  std::uint64_t handled() const { return handled_; }
  std::uint64_t failed() const { return failed_; }

 private:
  std::atomic<std::uint64_t> handled_{0};
  std::atomic<std::uint64_t> failed_{0};
};

}  // namespace redis_subscription
