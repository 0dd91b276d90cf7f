// One connection to one redis-server: hiredis without its blocking calls, so that a close ends every wait.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include "scenarios/redis_subscription/endpoint.hpp"
#include "scenarios/redis_subscription/reply.hpp"
#include "scenarios/redis_subscription/wake_event.hpp"

struct redisContext;

namespace redis_subscription {

using Words = std::initializer_list<std::string_view>;
using Milliseconds = std::chrono::milliseconds;

// Not thread-safe. Every function throws ConnectionLost once the connection is of no more use; what waits
// ends with it as soon as `interrupt` is set.
class Connection {
 public:
  Connection(const Endpoint& endpoint, Milliseconds timeout, const WakeEvent& interrupt);

  int fd() const;

  // Sends a command and waits for its reply, which may be an error of the server.
  Reply command(Words words, Milliseconds timeout);

  void send(Words words, Milliseconds timeout);

  // The next reply that has arrived; reads the socket once if none is buffered, and never waits.
  std::optional<Reply> next_reply();

  // Whether the other side has closed it.
  bool hung_up() const;

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  struct Release {
    void operator()(redisContext* context) const;
  };

  void finish_connect(Milliseconds timeout);
  void await(short events, Milliseconds timeout, Deadline deadline) const;
  std::optional<Reply> buffered_reply();

  const WakeEvent& interrupt_;
  std::unique_ptr<redisContext, Release> context_;
};

}  // namespace redis_subscription
