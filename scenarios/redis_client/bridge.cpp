#include "scenarios/redis_client/bridge.hpp"

#include <utility>

namespace redis_client {

Bridge::Bridge(boost::asio::io_context& io, BridgeOptions options)
    : io_(io), options_(std::move(options)), state_(options_.timeout), timer_(io) {}

void Bridge::stop() {
  timer_.cancel();
  if (physical_) std::exchange(physical_, {})->close();
}

void Bridge::beat() {
  const bool establishing = state_.state() == BridgeState::State::establishing;
  switch (state_.heartbeat(Clock::now())) {
    case BridgeState::Action::connect:
      connect();
      break;
    case BridgeState::Action::keep_alive:
      physical_->ping();
      break;
    case BridgeState::Action::give_up:
      // As it leaked: connecting and established connections were closed, those between were not.
      if (options_.giving_up == GivingUp::closes || !establishing) physical_->close();
      physical_.reset();
      break;
    case BridgeState::Action::none:
      break;
  }
  timer_.expires_after(options_.heartbeat);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) beat();
  });
}

void Bridge::connect() {
  // One that was given up may answer, or break, long after.
  const auto is_current = [this, attempt = ++attempts_] { return physical_ && attempt == attempts_; };
  PhysicalConnection::Events events;
  events.connected = [this, is_current] {
    if (!is_current()) return;
    physical_->ping();
    state_.connected(Clock::now());
  };
  events.answered = [this, is_current] {
    if (is_current()) state_.answered();
  };
  events.lost = [this, is_current] {
    if (!is_current()) return;
    state_.lost();
    physical_.reset();
  };
  physical_ = std::make_shared<PhysicalConnection>(io_, std::move(events));
  physical_->open(options_.endpoint);
}

}  // namespace redis_client
