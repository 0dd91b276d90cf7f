// What the multiplexer's own thread does: restore, wait, deliver.
#include <poll.h>

#include <algorithm>

#include "scenarios/redis_subscription/connection_multiplexer.hpp"
#include "scenarios/redis_subscription/errors.hpp"

namespace redis_subscription {
namespace {

// Then the others get their turn, also under a flood.
constexpr int most_messages_a_turn = 256;

int milliseconds_until(Link::Clock::time_point time) {
  const auto left = std::chrono::ceil<Milliseconds>(time - Link::Clock::now()).count();
  return static_cast<int>(std::clamp<Milliseconds::rep>(left, 0, 60'000));
}

}  // namespace

void ConnectionMultiplexer::run() {
  while (!closing_) {
    try {
      turn();
    } catch (const ConnectionLost&) {
      // Told by its event; the next turn restores it.
    } catch (...) {
      source_.internal_error("the multiplexer's thread", describe_current_exception());
    }
  }
}

void ConnectionMultiplexer::turn() {
  restore();
  wait_for_events();
  deliver();
}

void ConnectionMultiplexer::restore() {
  if (first_.retry()) source_.connection_restored(first_.endpoint(), first_.kind());
  const bool restored = subscription_.retry();
  if (!subscription_.is_up()) return;
  for (const auto& channel : subscriptions_.take_unsent()) subscription_.send({"SUBSCRIBE", channel});
  if (restored) source_.connection_restored(subscription_.endpoint(), subscription_.kind());
}

void ConnectionMultiplexer::wait_for_events() {
  std::vector<pollfd> waits{
      {stop_.fd(), POLLIN, 0}, {wake_.fd(), POLLIN, 0}, {subscription_.fd(), POLLIN, 0}};
  // Replies are read by whoever sent the command; here only a connection that breaks while idle is looked
  // for.
  const auto links = nodes_.all();
  for (const auto& link : links) waits.push_back({link->fd(), POLLRDHUP, 0});

  int timeout = more_to_read_ ? 0 : -1;
  for (Link* link : {&first_, &subscription_}) {
    if (link->is_up()) continue;
    const int until_retry = milliseconds_until(link->retry_at());
    timeout = timeout < 0 ? until_retry : std::min(timeout, until_retry);
  }
  if (::poll(waits.data(), waits.size(), timeout) <= 0) return;

  if (waits[1].revents != 0) wake_.clear();
  if (waits[2].revents != 0) more_to_read_ = true;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (waits[3 + i].revents != 0) links[i]->check();
  }
}

void ConnectionMultiplexer::deliver() {
  for (int i = 0; more_to_read_ && i < most_messages_a_turn && !closing_; ++i) {
    more_to_read_ = false;
    auto reply = subscription_.next_reply();
    if (!reply) return;
    more_to_read_ = true;
    dispatch(read_push(std::move(*reply)));
  }
}

void ConnectionMultiplexer::dispatch(const Push& push) {
  switch (push.kind) {
    case Push::Kind::message: {
      const auto handler = subscriptions_.handler(push.channel);
      if (!handler) return;
      try {
        (*handler)(push.channel, push.text);
      } catch (...) {
        source_.internal_error("the handler of channel " + push.channel, describe_current_exception());
      }
      return;
    }
    case Push::Kind::subscribed:
      return subscriptions_.confirmed(push.channel);
    case Push::Kind::error:
      source_.error_message(subscription_.endpoint(), push.text);
      return subscriptions_.refused(push.text);
    case Push::Kind::surprise:
      source_.internal_error("the subscription's connection", "a reply that nothing asked for");
  }
}

}  // namespace redis_subscription
