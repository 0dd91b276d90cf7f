// What a bridge does at each heartbeat: decided from what has happened and what time it is, without a socket.
#pragma once

#include <chrono>

namespace redis_client {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

class BridgeState {
 public:
  // Connected is not established: a kernel accepts for a server that never answers.
  enum class State { disconnected, connecting, establishing, established };
  enum class Action { none, connect, keep_alive, give_up };

  // How long to wait for a connection, and for the answer to what was written.
  explicit BridgeState(Duration timeout) : timeout_(timeout) {}

  State state() const { return state_; }

  // To be carried out; after give_up it is disconnected, and the next heartbeat connects.
  Action heartbeat(Time now) {
    if (state_ == State::disconnected) {
      state_ = State::connecting;
      waiting_ = true;
      since_ = now;
      return Action::connect;
    }
    if (waiting_ && now - since_ >= timeout_) {
      state_ = State::disconnected;
      return Action::give_up;
    }
    if (state_ != State::established || waiting_) return Action::none;
    wrote(now);
    return Action::keep_alive;
  }

  // The socket is connected and the first command has been written.
  void connected(Time now) {
    state_ = State::establishing;
    wrote(now);
  }
  void answered() {
    state_ = State::established;
    waiting_ = false;
  }
  void lost() { state_ = State::disconnected; }

 private:
  void wrote(Time now) {
    waiting_ = true;
    since_ = now;
  }

  const Duration timeout_;
  State state_ = State::disconnected;
  bool waiting_ = false;  // for the connection or an answer, since then
  Time since_{};
};

}  // namespace redis_client
