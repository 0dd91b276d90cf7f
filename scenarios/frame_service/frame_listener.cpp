#include "scenarios/frame_service/frame_listener.hpp"

#include <cstdio>
#include <memory>
#include <utility>

namespace frame_service {

using boost::asio::ip::tcp;

FrameListener::FrameListener(boost::asio::io_context& io, std::uint16_t port, MakeHandler make_handler)
    : acceptor_(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)),
      make_handler_(std::move(make_handler)) {}

void FrameListener::start() {
  acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket accepted) {
    if (error) {
      std::fprintf(stderr, "frame_service: accepts no more connections: %s\n", error.message().c_str());
      return;
    }
    std::make_shared<ServiceConnection>(std::move(accepted), make_handler_())->start();
    start();
  });
}

}  // namespace frame_service
