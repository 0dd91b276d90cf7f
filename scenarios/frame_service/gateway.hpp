// Passes frames on to an upstream server, over a client of its own for each connection it serves.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "scenarios/frame_service/client_groups.hpp"
#include "scenarios/frame_service/upstream_session.hpp"

namespace frame_service {

struct Upstream {
  boost::asio::ip::tcp::endpoint address;
  std::chrono::steady_clock::duration pause = std::chrono::seconds(1);  // before it is tried again
};

// Connects, and connects again a while after each loss; each time on a loop that the groups name.
class UpstreamClient : public std::enable_shared_from_this<UpstreamClient> {
 public:
  // The pause between two attempts runs on `io`; groups must outlive the client.
  UpstreamClient(boost::asio::io_context& io, Upstream upstream, ClientGroups& groups);
  ~UpstreamClient();
  UpstreamClient(const UpstreamClient&) = delete;
  UpstreamClient& operator=(const UpstreamClient&) = delete;

  void connect();
  // From any thread.
  void ask(std::string_view payload, Answer answer);

 private:
  void connect_later();

  boost::asio::io_context& io_;
  const Upstream upstream_;
  ClientGroups& groups_;
  boost::asio::steady_timer pause_;
  std::mutex mutex_;
  std::shared_ptr<UpstreamSession> session_;
};

// For a FrameListener.
Handler pass_on(boost::asio::io_context& io, const Upstream& upstream, ClientGroups& groups);

}  // namespace frame_service
