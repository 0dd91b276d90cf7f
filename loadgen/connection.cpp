#include "loadgen/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
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
  SocketConnection(const Wires& wires, Dialogue& dialogue, Greeting greeting, ConnectionEvents& events)
      : wires_(wires),
        socket_(wires.io),
        pause_timer_(wires.io),
        dialogue_(dialogue),
        greeting_(std::move(greeting)),
        greeted_(greeting_.resp),
        events_(events) {}

  void open() override { try_endpoint(0); }
  void flush() override;

 private:
  enum class State { closed, greeting, open, ending };

  void try_endpoint(std::size_t index);
  void connected();
  void greet();
  void opened();
  void pause_and_reopen();
  void read_when_readable();
  void read_all();
  bool heard(std::string_view bytes);
  bool heard_greeting(std::string_view& bytes);
  void ended(const error_code& error);
  void reopen();
  void lost(std::string_view why);
  void wait_until_writable();
  void end();

  const Wires& wires_;
  Stream::socket socket_;
  asio::steady_timer pause_timer_;
  Dialogue& dialogue_;
  Greeting greeting_;
  RespScanner greeted_;
  std::string partial_greeting_;
  std::size_t greetings_answered_ = 0;
  ConnectionEvents& events_;
  State state_ = State::closed;
  bool blocked_ = false;  // the socket took less than it was given
  std::chrono::milliseconds pause_ = shortest_pause;
};

void SocketConnection::try_endpoint(std::size_t index) {
  socket_.async_connect(wires_.endpoints->list[index], [this, index](error_code error) {
    if (!error) return connected();
    error_code ignored;
    socket_.close(ignored);
    if (index + 1 < wires_.endpoints->list.size()) return try_endpoint(index + 1);
    pause_and_reopen();
    events_.on_refused(error);
  });
}

void SocketConnection::connected() {
  blocked_ = false;
  error_code ignored;  // a unix socket knows no such option
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  read_when_readable();
  if (greeting_.answers == 0) return opened();
  greet();
}

void SocketConnection::greet() {
  state_ = State::greeting;
  greeted_.restart();
  partial_greeting_.clear();
  greetings_answered_ = 0;
  error_code
      error;  // a new socket takes what is this short; one that does not is lost, which the reader sees
  socket_.write_some(asio::buffer(greeting_.bytes), error);
}

void SocketConnection::opened() {
  state_ = State::open;
  dialogue_.opened();
  events_.on_open();
}

void SocketConnection::pause_and_reopen() {
  pause_timer_.expires_after(pause_);
  pause_ = std::min(2 * pause_, longest_pause);
  pause_timer_.async_wait([this](error_code error) {
    if (!error) open();
  });
}

void SocketConnection::read_when_readable() {
  socket_.async_wait(Stream::socket::wait_read, [this](error_code error) {
    if (!error) read_all();
  });
}

void SocketConnection::read_all() {
  std::size_t size = 0;
  do {
    error_code error;
    size = socket_.read_some(asio::buffer(wires_.inbox.data(), wires_.inbox.size()), error);
    if (error == asio::error::would_block) break;
    if (error) return ended(error);
    if (!heard({wires_.inbox.data(), size})) return;
  } while (size == wires_.inbox.size());  // less: there was no more
  read_when_readable();
}

// False when the connection has been given up.
bool SocketConnection::heard(std::string_view bytes) {
  if (state_ == State::greeting && !heard_greeting(bytes)) return false;
  if (state_ == State::greeting) return true;
  const auto result = dialogue_.hear(bytes, wires_.clock.elapsed_ns());
  // Not for an error: a server that is full says so and hangs up, again and again.
  if (result.answered > 0) pause_ = shortest_pause;
  if (result.replies > 0) events_.on_replies(result.replies);
  if (result.over) return reopen(), false;
  if (result.broken.empty()) return true;
  lost(result.broken);
  return false;
}

void SocketConnection::ended(const error_code& error) {
  const bool in_order = error == asio::error::eof;
  if (state_ != State::greeting) {
    const auto result = dialogue_.ended(in_order, wires_.clock.elapsed_ns());
    if (result.replies > 0) events_.on_replies(result.replies);
    if (result.over) return reopen();
  }
  lost(in_order ? "the server closed the connection" : "the connection was lost: " + error.message());
}

void SocketConnection::reopen() {
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  open();
}

// Takes the answers to the greeting from the front; false when one is an error.
bool SocketConnection::heard_greeting(std::string_view& bytes) {
  partial_greeting_ += bytes;
  std::string_view left = partial_greeting_;
  while (greetings_answered_ < greeting_.answers) {
    std::size_t at = 0;
    const auto found = greeted_.next(left, at);
    const std::string_view value = left.substr(0, at);
    left.remove_prefix(at);
    if (found == RespScanner::Found::more) {
      partial_greeting_ = std::string(left);
      return true;
    }
    if (found == RespScanner::Found::broken || greeted_.is_error())
      return lost(fmt::format("the server refuses the greeting: {}", value)), false;
    ++greetings_answered_;
  }
  bytes.remove_prefix(bytes.size() - left.size());
  opened();
  return true;
}

void SocketConnection::lost(std::string_view why) {
  if (state_ != State::greeting) dialogue_.lost(why);
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  pause_and_reopen();
  events_.on_lost(why);
}

void SocketConnection::flush() {
  if (state_ != State::open || blocked_) return;
  for (;;) {
    const auto bytes = dialogue_.to_write(wires_.clock.elapsed_ns());
    if (bytes.empty()) return;
    error_code error;
    const std::size_t size = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error == asio::error::would_block) return wait_until_writable();
    if (error) return end();
    dialogue_.wrote(size);
  }
}

// Answers may still lie in the socket: the reader takes those first and then finds the end.
void SocketConnection::end() {
  state_ = State::ending;
  error_code ignored;
  socket_.shutdown(Stream::socket::shutdown_both, ignored);
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

std::unique_ptr<Connection> make_connection(const Wires& wires, Dialogue& dialogue, Greeting greeting,
                                            ConnectionEvents& events) {
  return std::make_unique<SocketConnection>(wires, dialogue, std::move(greeting), events);
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
