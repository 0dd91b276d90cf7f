// Listens on the loopback address and serves each connection on the loop it was given.
#pragma once

#include <cstdint>
#include <functional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "scenarios/frame_service/service_connection.hpp"

namespace frame_service {

// Must outlive the loop's running.
class FrameListener {
 public:
  // A handler for each connection that comes.
  using MakeHandler = std::function<Handler()>;

  // Port 0 takes any free one. Throws boost::system::system_error if the port cannot be had.
  FrameListener(boost::asio::io_context& io, std::uint16_t port, MakeHandler make_handler);

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void start();

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  const MakeHandler make_handler_;
};

}  // namespace frame_service
