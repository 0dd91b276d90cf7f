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

#include "loadgen/tls_session.hpp"

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
constexpr std::chrono::seconds handshake_patience{2};

// What is done on the socket itself. A plain one and one with TLS differ in nothing else, and the plain one
// pays nothing for it.
class PlainWire {
 public:
  static constexpr bool has_handshake = false;
  explicit PlainWire(const Wires&) {}

  static std::size_t read_some(Stream::socket& socket, std::span<char> into, error_code& error) {
    return socket.read_some(asio::buffer(into.data(), into.size()), error);
  }
  static std::size_t write_some(Stream::socket& socket, std::string_view bytes, error_code& error) {
    return socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  }
  static bool may_have_more(std::size_t size, std::size_t asked) { return size == asked; }
};

class TlsWire {
 public:
  static constexpr bool has_handshake = true;
  explicit TlsWire(const Wires& wires) : session_(*wires.tls) {}

  TlsSession& session() { return session_; }
  std::size_t read_some(Stream::socket&, std::span<char> into, error_code& error) {
    return session_.read_some(into, error);
  }
  std::size_t write_some(Stream::socket&, std::string_view bytes, error_code& error) {
    return session_.write_some(bytes, error);
  }
  // A whole record at a time, of which none is kept back; less than a full one: there was no more.
  static bool may_have_more(std::size_t size, std::size_t) { return size == full_record; }

 private:
  static constexpr std::size_t full_record = 16 << 10;
  TlsSession session_;
};

template <class Wire>
class SocketConnection final : public Connection {
 public:
  SocketConnection(const Wires& wires, Dialogue& dialogue, Greeting greeting, ConnectionEvents& events)
      : wires_(wires),
        socket_(wires.io),
        wire_(wires),
        timer_(wires.io),
        dialogue_(dialogue),
        greeting_(std::move(greeting)),
        greeted_(greeting_.resp),
        events_(events) {}

  void open() override { try_endpoint(0); }
  void flush() override;

 private:
  enum class State { closed, handshake, greeting, open, ending };

  void try_endpoint(std::size_t index);
  void connected();
  void limit_handshake();
  void shake_hands();
  void begin();
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
  Wire wire_;
  asio::steady_timer timer_;  // of the handshake or of the pause before the next attempt
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

template <class Wire>
void SocketConnection<Wire>::try_endpoint(std::size_t index) {
  socket_.async_connect(wires_.endpoints->list[index], [this, index](error_code error) {
    if (!error) return connected();
    error_code ignored;
    socket_.close(ignored);
    if (index + 1 < wires_.endpoints->list.size()) return try_endpoint(index + 1);
    pause_and_reopen();
    events_.on_refused(error);
  });
}

template <class Wire>
void SocketConnection<Wire>::connected() {
  blocked_ = false;
  error_code ignored;  // a unix socket knows no such option
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if constexpr (Wire::has_handshake) {
    state_ = State::handshake;
    wire_.session().begin(socket_.native_handle());
    limit_handshake();
    shake_hands();
  } else {
    begin();
  }
}

// To a server that knows no TLS our first words may be the beginning of anything, which it waits for.
template <class Wire>
void SocketConnection<Wire>::limit_handshake() {
  timer_.expires_after(handshake_patience);
  timer_.async_wait([this](error_code error) {
    if (!error && state_ == State::handshake)
      lost("the server does not answer in TLS; leave out --tls, or name its TLS port");
  });
}

template <class Wire>
void SocketConnection<Wire>::shake_hands() {
  const auto again = [this](error_code error) {
    if (!error && state_ == State::handshake) shake_hands();
  };
  switch (wire_.session().shake_hands()) {
    case TlsSession::Step::done:
      timer_.cancel();
      return begin();
    case TlsSession::Step::wants_read:
      return socket_.async_wait(Stream::socket::wait_read, again);
    case TlsSession::Step::wants_write:
      return socket_.async_wait(Stream::socket::wait_write, again);
    case TlsSession::Step::failed:
      return lost(wire_.session().why());
  }
}

template <class Wire>
void SocketConnection<Wire>::begin() {
  read_when_readable();
  if (greeting_.answers == 0) return opened();
  greet();
}

template <class Wire>
void SocketConnection<Wire>::greet() {
  state_ = State::greeting;
  greeted_.restart();
  partial_greeting_.clear();
  greetings_answered_ = 0;
  error_code
      error;  // a new socket takes what is this short; one that does not is lost, which the reader sees
  wire_.write_some(socket_, greeting_.bytes, error);
}

template <class Wire>
void SocketConnection<Wire>::opened() {
  state_ = State::open;
  dialogue_.opened();
  events_.on_open();
}

template <class Wire>
void SocketConnection<Wire>::pause_and_reopen() {
  timer_.expires_after(pause_);
  pause_ = std::min(2 * pause_, longest_pause);
  timer_.async_wait([this](error_code error) {
    if (!error) open();
  });
}

template <class Wire>
void SocketConnection<Wire>::read_when_readable() {
  socket_.async_wait(Stream::socket::wait_read, [this](error_code error) {
    if (!error) read_all();
  });
}

template <class Wire>
void SocketConnection<Wire>::read_all() {
  std::size_t size = 0;
  do {
    error_code error;
    size = wire_.read_some(socket_, wires_.inbox, error);
    if (error == asio::error::would_block) break;
    if (error) return ended(error);
    if (!heard({wires_.inbox.data(), size})) return;
  } while (Wire::may_have_more(size, wires_.inbox.size()));
  read_when_readable();
}

// False when the connection has been given up.
template <class Wire>
bool SocketConnection<Wire>::heard(std::string_view bytes) {
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

template <class Wire>
void SocketConnection<Wire>::ended(const error_code& error) {
  const bool in_order = error == asio::error::eof;
  if (state_ == State::open || state_ == State::ending) {
    const auto result = dialogue_.ended(in_order, wires_.clock.elapsed_ns());
    if (result.replies > 0) events_.on_replies(result.replies);
    if (result.over) return reopen();
  }
  lost(in_order ? "the server closed the connection" : "the connection was lost: " + error.message());
}

template <class Wire>
void SocketConnection<Wire>::reopen() {
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  open();
}

// Takes the answers to the greeting from the front; false when one is an error.
template <class Wire>
bool SocketConnection<Wire>::heard_greeting(std::string_view& bytes) {
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

template <class Wire>
void SocketConnection<Wire>::lost(std::string_view why) {
  if (state_ == State::open || state_ == State::ending) dialogue_.lost(why);
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  pause_and_reopen();
  events_.on_lost(why);
}

template <class Wire>
void SocketConnection<Wire>::flush() {
  if (state_ != State::open || blocked_) return;
  for (;;) {
    const auto bytes = dialogue_.to_write(wires_.clock.elapsed_ns());
    if (bytes.empty()) return;
    error_code error;
    const std::size_t size = wire_.write_some(socket_, bytes, error);
    if (error == asio::error::would_block) return wait_until_writable();
    if (error) return end();
    dialogue_.wrote(size);
  }
}

// Answers may still lie in the socket: the reader takes those first and then finds the end.
template <class Wire>
void SocketConnection<Wire>::end() {
  state_ = State::ending;
  error_code ignored;
  socket_.shutdown(Stream::socket::shutdown_both, ignored);
}

template <class Wire>
void SocketConnection<Wire>::wait_until_writable() {
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
  if (wires.tls != nullptr)
    return std::make_unique<SocketConnection<TlsWire>>(wires, dialogue, std::move(greeting), events);
  return std::make_unique<SocketConnection<PlainWire>>(wires, dialogue, std::move(greeting), events);
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
