#include "scenarios/redis_subscription/subscriptions.hpp"

#include <fmt/format.h>

#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {

void Subscriptions::add(const std::string& channel, MessageHandler handler) {
  const std::lock_guard lock(mutex_);
  entries_[channel].handler = std::make_shared<const MessageHandler>(std::move(handler));
}

std::vector<std::string> Subscriptions::take_unsent() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> channels;
  for (auto& [channel, entry] : entries_) {
    if (entry.state != State::unsent) continue;
    entry.state = State::sent;
    channels.push_back(channel);
  }
  return channels;
}

void Subscriptions::confirmed(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(channel);
  if (entry == entries_.end()) return;
  entry->second.state = State::confirmed;
  entry->second.was_confirmed = true;
  changed_.notify_all();
}

void Subscriptions::refused(const std::string& message) {
  const std::lock_guard lock(mutex_);
  refusal_ = message;
  std::erase_if(entries_, [](const auto& item) {
    return item.second.state == State::sent && !item.second.was_confirmed;
  });
  changed_.notify_all();
}

void Subscriptions::connection_lost() {
  const std::lock_guard lock(mutex_);
  for (auto& [channel, entry] : entries_) entry.state = State::unsent;
}

void Subscriptions::wait_until_confirmed(const std::string& channel, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const bool settled = changed_.wait_for(lock, timeout, [&] {
    const auto entry = entries_.find(channel);
    return entry == entries_.end() || entry->second.state == State::confirmed;
  });
  if (!settled) {
    throw ConnectionLost(fmt::format("no confirmation of channel {} within {} ms", channel, timeout.count()));
  }
  if (!entries_.contains(channel)) throw ServerError(refusal_);
}

std::shared_ptr<const MessageHandler> Subscriptions::handler(const std::string& channel) const {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(channel);
  return entry == entries_.end() ? nullptr : entry->second.handler;
}

}  // namespace redis_subscription
