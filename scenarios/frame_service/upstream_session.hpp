// One connection to the upstream, on an event loop of a client group: asks in order, is answered in order.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "scenarios/frame_service/client_groups.hpp"
#include "scenarios/frame_service/service_connection.hpp"

namespace frame_service {

// Lives as long as its reads and writes; its loop must outlive it.
class UpstreamSession : public std::enable_shared_from_this<UpstreamSession> {
 public:
  // Called on the loop's thread, once.
  using OnLost = std::function<void()>;

  UpstreamSession(ClientGroup::Loop& loop, OnLost on_lost);

  void connect(const boost::asio::ip::tcp::endpoint& upstream);
  // From any thread. Answered with "error: ..." once the connection is lost.
  void ask(std::string_view payload, Answer answer);
  // From any thread. Nobody is called any more.
  void close();

 private:
  void read();
  void take_answers(std::size_t bytes_read);
  void send();
  void lose();

  ClientGroup::Loop& loop_;
  boost::asio::ip::tcp::socket socket_;
  OnLost on_lost_;
  executor::FrameDecoder decoder_{max_frame};
  std::deque<Answer> asked_;
  std::string waiting_;
  std::string sending_;
  bool is_connected_ = false;
  bool is_lost_ = false;
};

}  // namespace frame_service
