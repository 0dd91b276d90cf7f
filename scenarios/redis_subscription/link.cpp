#include "scenarios/redis_subscription/link.hpp"

#include <fmt/format.h>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {

Link::Link(Endpoint endpoint, ConnectionKind kind, Timeouts timeouts, const WakeEvent& interrupt,
           OnLost on_lost)
    : endpoint_(std::move(endpoint)),
      kind_(kind),
      timeouts_(timeouts),
      interrupt_(interrupt),
      on_lost_(std::move(on_lost)) {}

int Link::fd() {
  const std::lock_guard lock(mutex_);
  return connection_ ? connection_->fd() : -1;
}

void Link::connect() {
  auto fresh = std::make_unique<Connection>(endpoint_, timeouts_.connect, interrupt_);
  // A socket accepts before its server answers; only an answer tells that it is there.
  const Reply reply = fresh->command({"PING"}, timeouts_.connect);
  if (reply.is_error()) throw ServerError(reply.text);
  const std::lock_guard lock(mutex_);
  connection_ = std::move(fresh);
  backoff_.succeeded();
  up_ = true;
}

bool Link::retry() {
  if (up_ || Clock::now() < retry_at()) return false;
  try {
    connect();
    return true;
  } catch (const RedisError&) {
    const std::lock_guard lock(mutex_);
    retry_at_ = Clock::now() + backoff_.failed();
    return false;
  }
}

Link::Clock::time_point Link::retry_at() {
  const std::lock_guard lock(mutex_);
  return retry_at_;
}

template <class Use>
auto Link::with_connection(Use use) {
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    if (!connection_) throw ConnectionLost(fmt::format("not connected to {}", endpoint_.text()));
    try {
      return use(*connection_);
    } catch (const ConnectionLost& loss) {
      reason = loss.what();
      connection_.reset();
      retry_at_ = Clock::now() + backoff_.failed();
      up_ = false;
    }
  }
  on_lost_(*this, reason);
  throw ConnectionLost(fmt::format("lost {}: {}", endpoint_.text(), reason));
}

Reply Link::command(Words words) {
  return with_connection([&](Connection& connection) { return connection.command(words, timeouts_.sync); });
}

void Link::send(Words words) {
  with_connection([&](Connection& connection) { connection.send(words, timeouts_.sync); });
}

std::optional<Reply> Link::next_reply() {
  return with_connection([](Connection& connection) { return connection.next_reply(); });
}

void Link::check() {
  try {
    with_connection([](Connection& connection) {
      if (connection.hung_up()) throw ConnectionLost("the server closed the connection");
    });
  } catch (const ConnectionLost&) {
    // Told through on_lost already.
  }
}

}  // namespace redis_subscription
