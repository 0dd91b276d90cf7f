// A connection that is lost and made again, with what has to be known between: whether it is up, when to
// retry.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "scenarios/redis_subscription/backoff.hpp"
#include "scenarios/redis_subscription/connection.hpp"
#include "scenarios/redis_subscription/events.hpp"

namespace redis_subscription {

struct Timeouts {
  Milliseconds connect{10'000};
  Milliseconds sync{15'000};
};

class Link {
 public:
  using Clock = std::chrono::steady_clock;
  using OnLost = std::function<void(const Link&, const std::string& reason)>;

  // `on_lost` is called without a lock held, once for each loss.
  Link(Endpoint endpoint, ConnectionKind kind, Timeouts timeouts, const WakeEvent& interrupt, OnLost on_lost);

  const Endpoint& endpoint() const { return endpoint_; }
  ConnectionKind kind() const { return kind_; }
  bool is_up() const { return up_; }
  int fd();  // -1 while down

  // Connects and asks for a PING. Throws ConnectionLost or ServerError.
  void connect();

  // True if it was down, its time to retry had come and it is up again.
  bool retry();
  Clock::time_point retry_at();

  // Waits its turn, sends, waits for the reply. Throws ConnectionLost at once while down.
  Reply command(Words words);

  // As those of Connection.
  void send(Words words);
  std::optional<Reply> next_reply();

  // Gives the connection up if the server has closed it.
  void check();

 private:
  template <class Use>
  auto with_connection(Use use);

  const Endpoint endpoint_;
  const ConnectionKind kind_;
  const Timeouts timeouts_;
  const WakeEvent& interrupt_;
  const OnLost on_lost_;

  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
  Backoff backoff_;
  Clock::time_point retry_at_{};
  std::atomic<bool> up_{false};
};

}  // namespace redis_subscription
