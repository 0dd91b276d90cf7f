// A client of the frame server for tests: blocking, on the loopback address.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "scenarios/executor/frame_codec.hpp"

namespace executor {

class FrameClient {
 public:
  explicit FrameClient(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }

  void send_bytes(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes)); }

  void send(std::string_view payload) {
    std::string frame;
    append_frame(frame, payload);
    send_bytes(frame);
  }

  std::string receive() {
    std::uint32_t length = 0;
    for (const char byte : receive_bytes(frame_header_bytes))
      length = length << 8 | static_cast<unsigned char>(byte);
    return receive_bytes(length);
  }

  std::string echo(std::string_view payload) {
    send(payload);
    return receive();
  }

  bool is_closed() {
    char byte = 0;
    boost::system::error_code error;
    boost::asio::read(socket_, boost::asio::buffer(&byte, 1), error);
    return error == boost::asio::error::eof;
  }

 private:
  std::string receive_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    boost::asio::read(socket_, boost::asio::buffer(bytes));
    return bytes;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
};

}  // namespace executor
