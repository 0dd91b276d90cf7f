// Keeps one connection to redis up: connects, waits for the first answer, gives up what does not answer.
//
// Follows StackExchange.Redis issue 1458: a connection whose server accepts and never answers was given up
// without being closed, once for each attempt.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "scenarios/redis_client/bridge_state.hpp"
#include "scenarios/redis_client/physical_connection.hpp"

namespace redis_client {

// What happens to a connection that is given up: it is closed (the fix), or only forgotten (the leak).
enum class GivingUp { closes, forgets };

struct BridgeOptions {
  Endpoint endpoint;
  Duration heartbeat{};
  Duration timeout{};  // of a connection attempt and of an answer
  GivingUp giving_up = GivingUp::closes;
};

// On the loop's thread; must outlive its running.
class Bridge {
 public:
  Bridge(boost::asio::io_context& io, BridgeOptions options);

  // Its first heartbeat connects.
  void start() { beat(); }
  void stop();

  bool is_established() const { return state_.state() == BridgeState::State::established; }
  std::size_t attempts() const { return attempts_; }

 private:
  void beat();
  void connect();

  boost::asio::io_context& io_;
  const BridgeOptions options_;
  BridgeState state_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<PhysicalConnection> physical_;
  std::size_t attempts_ = 0;
};

}  // namespace redis_client
