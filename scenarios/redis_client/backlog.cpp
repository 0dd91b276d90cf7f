#include "scenarios/redis_client/backlog.hpp"

#include <utility>

namespace redis_client {

void Backlog::push(Command command) {
  const std::lock_guard lock(mutex_);
  commands_.push_back(std::move(command));
  keep_bound();
  filled_.notify_one();
}

std::optional<Command> Backlog::take() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return closed_ || !commands_.empty(); });
  if (closed_) return std::nullopt;
  Command command = std::move(commands_.front());
  commands_.pop_front();
  return command;
}

void Backlog::put_back(Command command) {
  const std::lock_guard lock(mutex_);
  commands_.push_front(std::move(command));
  keep_bound();
}

void Backlog::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  filled_.notify_all();
}

std::size_t Backlog::size() const {
  const std::lock_guard lock(mutex_);
  return commands_.size();
}

std::uint64_t Backlog::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void Backlog::keep_bound() {
  if (bound_ == Bound::none || commands_.size() <= most_) return;
  commands_.pop_front();
  ++failed_;
}

}  // namespace redis_client
