#include "loadgen/devices/device.hpp"

#include <algorithm>

namespace soakline {

Device::Step Device::socket_connected() {
  state_ = State::greeting;
  return Step::greet;
}

Device::Step Device::heard(Heard::What what, bool subscribes) {
  using enum Heard::What;
  if (what == more) return Step::none;
  if (what == refusal) return Step::give_up_refused;
  if (what == welcome && state_ == State::greeting) {
    state_ = subscribes ? State::subscribing : State::up;
    return subscribes ? Step::subscribe : Step::come_up;
  }
  if (what == subscribed && state_ == State::subscribing) {
    state_ = State::up;
    return Step::come_up;
  }
  // What is retained may come before the subscription is confirmed.
  if (what == delivery && (state_ == State::subscribing || is_up()) && subscribes)
    return Step::count_delivery;
  if (what == keep_alive_answer && keep_alive_unanswered_) {
    keep_alive_unanswered_ = false;
    failures_ = 0;
    return Step::none;
  }
  if (what == message_answer && is_up()) {
    failures_ = 0;
    return Step::settle_message;
  }
  return Step::give_up_broken;
}

Device::Step Device::timer_expired() {
  switch (state_) {
    case State::down:
      state_ = State::queued;
      return Step::queue;
    case State::queued:
      return Step::none;
    case State::up:
      if (keep_alive_unanswered_) return Step::give_up_unanswered;
      keep_alive_unanswered_ = true;
      return Step::send_keep_alive;
    default:
      return Step::give_up_silent;
  }
}

void Device::failed() {
  connection_ended();
  // Also of one that was up: a server that is full lets in and hangs up, again and again.
  failures_ = std::min<std::uint8_t>(failures_ + 1, most_failures);
  state_ = State::down;
}

void Device::left() {
  connection_ended();
  state_ = State::queued;
}

void Device::connection_ended() {
  keep_alive_unanswered_ = false;
  leaving_ = false;
}

}  // namespace soakline
