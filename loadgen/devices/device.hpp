// One device as a state machine: what happened to it goes in, what it does next comes out. No I/O, no clock.
#pragma once

#include <cstdint>

#include "loadgen/devices/packet_reading.hpp"

namespace soakline {

class Device {
 public:
  enum class State : std::uint8_t {
    down,        // until its timer says to try again
    queued,      // until it is its turn to connect
    connecting,  // until the socket is connected
    greeting,    // until the server has answered the greeting
    subscribing,
    up
  };

  // What its owner has to do.
  enum class Step : std::uint8_t {
    none,
    queue,           // let it wait for its turn
    greet,           // send the greeting
    subscribe,       // send the subscription
    come_up,         // it is connected
    settle_message,  // the packet answers a message
    count_delivery,
    send_keep_alive,
    give_up_silent,      // the server has not answered in time
    give_up_unanswered,  // nor a keep-alive within its period
    give_up_refused,     // by the packet, which says why
    give_up_broken       // the packet is not to be expected now, or is none
  };

  State state() const { return state_; }
  bool is_up() const { return state_ == State::up; }
  // A connection is being made, and counts against how many may be at once.
  bool is_connecting() const { return state_ >= State::connecting && state_ < State::up; }

  void queued() { state_ = State::queued; }
  void begin_connecting() { state_ = State::connecting; }
  Step socket_connected();
  Step heard(Heard::What what, bool subscribes);
  Step timer_expired();

  // It is up and shall leave once all it has sent is answered.
  void leave_when_answered() { leaving_ = true; }
  bool is_leaving() const { return leaving_; }

  // The connection is gone and not by the plan; it tries again after pause_ms().
  void failed();
  // It has left by the plan and comes back at once.
  void left();
  // 10 ms after the first failure, twice as long after each more, at most 1.28 s.
  std::int64_t pause_ms() const { return std::int64_t{5} << failures_; }

 private:
  static constexpr std::uint8_t most_failures = 8;

  void connection_ended();

  State state_ = State::down;
  std::uint8_t failures_ = 0;  // since the server has last been seen at work
  bool keep_alive_unanswered_ = false;
  bool leaving_ = false;
};

}  // namespace soakline
