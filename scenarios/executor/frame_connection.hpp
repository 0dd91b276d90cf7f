// One client's connection: reads frames, sends each back, refuses those that are too large.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "scenarios/executor/frame_codec.hpp"

namespace executor {

// What the server has seen; written on the executors' threads.
struct ServerCounters {
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> frames = 0;
  std::atomic<std::uint64_t> refused = 0;
};

// Lives as long as its reads and writes; at most one of them is under way, so a client that does not read its
// echoes is not read from either.
class FrameConnection : public std::enable_shared_from_this<FrameConnection> {
 public:
  FrameConnection(boost::asio::ip::tcp::socket socket, std::uint32_t max_frame, ServerCounters& counters);
  void start();

 private:
  void read();
  void answer(std::size_t bytes_read);
  void send();
  void refuse(std::uint32_t length);
  void linger();
  void discard();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer lingering_;
  const std::uint32_t max_frame_;
  ServerCounters& counters_;
  FrameDecoder decoder_;
  std::array<char, 16'384> in_{};
  std::string out_;
};

}  // namespace executor
