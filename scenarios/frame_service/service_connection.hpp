// One client's connection: reads frames, has each answered, sends the answers in the order they come.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "scenarios/executor/frame_codec.hpp"

namespace frame_service {

// To be called once, from any thread.
using Answer = std::function<void(std::string_view payload)>;
// Called on the connection's thread; the payload is valid during the call only.
using Handler = std::function<void(std::string_view payload, Answer answer)>;

inline constexpr std::uint32_t max_frame = 1024 * 1024;

// Lives as long as its reads and writes, and answers that are still to come.
class ServiceConnection : public std::enable_shared_from_this<ServiceConnection> {
 public:
  ServiceConnection(boost::asio::ip::tcp::socket socket, Handler handler)
      : socket_(std::move(socket)), handler_(std::move(handler)) {}
  void start();

 private:
  void read();
  void take_frames(std::size_t bytes_read);
  void send();

  boost::asio::ip::tcp::socket socket_;
  const Handler handler_;
  executor::FrameDecoder decoder_{max_frame};
  std::array<char, 16'384> in_{};
  std::string waiting_;  // answers to be sent next
  std::string sending_;
};

}  // namespace frame_service
