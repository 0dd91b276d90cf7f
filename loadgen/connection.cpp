#include "loadgen/connection.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

namespace soakline {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = asio::generic::stream_protocol;

struct Endpoints {
  std::vector<Stream::endpoint> list;
};

namespace {

constexpr std::chrono::milliseconds shortest_pause{10};
constexpr std::chrono::milliseconds longest_pause{1000};

class SocketConnection final : public Connection {
 public:
  SocketConnection(asio::io_context& io, std::shared_ptr<const Endpoints> endpoints,
                   Conversation conversation, const RunClock& clock, ConnectionEvents& events)
      : socket_(io),
        pause_timer_(io),
        endpoints_(std::move(endpoints)),
        conversation_(std::move(conversation)),
        clock_(clock),
        events_(events) {}

  void open() override { try_endpoint(0); }
  void flush() override;
  Conversation& conversation() override { return conversation_; }

 private:
  enum class State { closed, open, ending };

  void try_endpoint(std::size_t index);
  void opened();
  void pause_and_reopen();
  void read();
  void heard(const error_code& error, std::size_t size);
  void lost(std::string_view why);
  void wait_until_writable();

  Stream::socket socket_;
  asio::steady_timer pause_timer_;
  std::shared_ptr<const Endpoints> endpoints_;
  Conversation conversation_;
  const RunClock& clock_;
  ConnectionEvents& events_;
  State state_ = State::closed;
  bool blocked_ = false;  // the socket took less than it was given
  std::chrono::milliseconds pause_ = shortest_pause;
  std::array<char, 16 << 10> inbox_;
};

void SocketConnection::try_endpoint(std::size_t index) {
  socket_.async_connect(endpoints_->list[index], [this, index](error_code error) {
    if (!error) return opened();
    error_code ignored;
    socket_.close(ignored);
    if (index + 1 < endpoints_->list.size()) return try_endpoint(index + 1);
    pause_and_reopen();
    events_.on_refused(*this, error);
  });
}

void SocketConnection::opened() {
  state_ = State::open;
  blocked_ = false;
  error_code ignored;  // a unix socket knows no such option
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  read();
  events_.on_open(*this);
}

void SocketConnection::pause_and_reopen() {
  pause_timer_.expires_after(pause_);
  pause_ = std::min(2 * pause_, longest_pause);
  pause_timer_.async_wait([this](error_code error) {
    if (!error) open();
  });
}

void SocketConnection::read() {
  socket_.async_read_some(asio::buffer(inbox_),
                          [this](error_code error, std::size_t size) { heard(error, size); });
}

void SocketConnection::heard(const error_code& error, std::size_t size) {
  const auto result = conversation_.hear({inbox_.data(), size}, clock_.elapsed_ns());
  // Not for an error: a server that is full says so and hangs up, again and again.
  if (result.answered > 0) pause_ = shortest_pause;
  if (result.replies > 0) events_.on_replies(*this, result.replies);
  if (!result.broken.empty()) return lost(result.broken);
  if (error == asio::error::eof) return lost("the server closed the connection");
  if (error) return lost("the connection was lost: " + error.message());
  read();
}

void SocketConnection::lost(std::string_view why) {
  conversation_.lost(why);
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  pause_and_reopen();
  events_.on_lost(*this, why);
}

void SocketConnection::flush() {
  if (state_ != State::open || blocked_) return;
  while (!conversation_.unwritten().empty() || conversation_.begin_batch(clock_.elapsed_ns())) {
    error_code error;
    const auto unwritten = conversation_.unwritten();
    const std::size_t size = socket_.write_some(asio::buffer(unwritten.data(), unwritten.size()), error);
    if (error == asio::error::would_block) return wait_until_writable();
    if (error) {
      // Answers may still lie in the socket: the reader takes those first and then finds the end.
      state_ = State::ending;
      error_code ignored;
      socket_.shutdown(Stream::socket::shutdown_both, ignored);
      return;
    }
    conversation_.wrote(size);
  }
}

void SocketConnection::wait_until_writable() {
  blocked_ = true;
  socket_.async_wait(Stream::socket::wait_write, [this](error_code error) {
    if (error) return;
    blocked_ = false;
    flush();
  });
}

}  // namespace

std::unique_ptr<Connection> make_connection(asio::io_context& io, std::shared_ptr<const Endpoints> endpoints,
                                            Conversation conversation, const RunClock& clock,
                                            ConnectionEvents& events) {
  return std::make_unique<SocketConnection>(io, std::move(endpoints), std::move(conversation), clock, events);
}

std::shared_ptr<const Endpoints> resolve(asio::io_context& io, const Address& address) {
  auto endpoints = std::make_shared<Endpoints>();
  if (!address.unix_path.empty()) {
    endpoints->list.emplace_back(asio::local::stream_protocol::endpoint(address.unix_path));
  } else {
    asio::ip::tcp::resolver resolver(io);
    for (const auto& found : resolver.resolve(address.host, address.port))
      endpoints->list.emplace_back(found.endpoint());
  }
  return endpoints;
}

}  // namespace soakline
