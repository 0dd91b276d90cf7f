// Listens on the loopback address and hands each connection to the next executor of a group.
#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "scenarios/executor/event_executor_group.hpp"
#include "scenarios/executor/frame_connection.hpp"

namespace executor {

// Kept alive by its own accepting; group and counters must outlive it.
class FrameServer : public std::enable_shared_from_this<FrameServer> {
 public:
  // Port 0 takes any free one. Throws boost::system::system_error if the port cannot be had.
  FrameServer(EventExecutorGroup& group, std::uint16_t port, std::uint32_t max_frame,
              ServerCounters& counters);

  void start();
  std::uint16_t port() const { return port_; }
  // No more connections; those there are live on until their executor ends.
  void stop();

 private:
  void accept();
  void serve(boost::asio::ip::tcp::socket accepted);
  void accept_later();

  EventExecutorGroup& group_;
  const std::uint32_t max_frame_;
  ServerCounters& counters_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::uint16_t port_ = 0;
};

}  // namespace executor
