#include "loadgen/wire/wire_link.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

namespace soakline {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = asio::generic::stream_protocol;
using Clock = std::chrono::steady_clock;

std::int64_t now_ns() {
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

Stream protocol_of(int socket) {
  int family = AF_UNIX;
  socklen_t size = sizeof family;
  getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return Stream(family, 0);
}

void prepare(Stream::socket& socket) {
  error_code ignored;  // a unix socket knows no such option
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
}

// One direction: what is read from one socket goes on to the other as its course says.
struct Half {
  Half(asio::io_context& io, Stream::socket& source, Stream::socket& sink)
      : from(source), to(sink), timer(io) {}

  Stream::socket &from, &to;
  asio::steady_timer timer;
  ByteCourse course;
  std::optional<MessageEdit> messages;
  bool reading = false, ended = false;   // its source
  bool blocked = false, closed = false;  // its sink
  std::array<char, 16 << 10> inbox;
};

class SocketLink final : public WireLink, public std::enable_shared_from_this<SocketLink> {
 public:
  SocketLink(asio::io_context& io, int accepted, const WirePlan& plan, std::uint64_t seed, WireCounts& counts)
      : client_(io, protocol_of(accepted), accepted),
        server_(io),
        resolver_(io),
        to_server_(io, client_, server_),
        to_client_(io, server_, client_),
        plan_(plan),
        counts_(counts) {
    if (plan.messages) to_client_.messages.emplace(*plan.messages, seed);
  }

  void start() override;
  void apply(const WireFault& fault) override;
  void reset() override;
  void close_half(bool to_server) override;
  bool over() const override { return over_; }

 private:
  void connect(std::vector<Stream::endpoint> endpoints);
  void pump(Half& half);
  void write_due(Half& half);
  void read_more(Half& half);
  void heard(Half& half, const error_code& error, std::size_t size);
  void close_sink(Half& half);
  void wait_for_course(Half& half);
  void wait_until_writable(Half& half);
  void end();

  Stream::socket client_, server_;
  asio::ip::tcp::resolver resolver_;
  Half to_server_, to_client_;
  const WirePlan& plan_;
  WireCounts& counts_;
  bool connected_ = false, over_ = false;
};

void SocketLink::start() {
  prepare(client_);
  if (!plan_.to.unix_path.empty())
    return connect({Stream::endpoint(asio::local::stream_protocol::endpoint(plan_.to.unix_path))});
  resolver_.async_resolve(plan_.to.host, plan_.to.port,
                          [this, self = shared_from_this()](const error_code& error, const auto& found) {
                            std::vector<Stream::endpoint> endpoints;
                            for (const auto& entry : found) endpoints.emplace_back(entry.endpoint());
                            if (error || over_) return end();
                            connect(std::move(endpoints));
                          });
}

void SocketLink::connect(std::vector<Stream::endpoint> endpoints) {
  const auto list = std::make_shared<std::vector<Stream::endpoint>>(std::move(endpoints));
  asio::async_connect(server_, *list,
                      [this, list, self = shared_from_this()](const error_code& error, const auto&) {
                        if (error || over_) return end();
                        prepare(server_);
                        connected_ = true;
                        pump(to_server_);
                        pump(to_client_);
                      });
  read_more(to_server_);
}

void SocketLink::apply(const WireFault& fault) {
  const std::int64_t now = now_ns();
  to_server_.course.set(fault.to_server_pace, now);
  to_client_.course.set(fault.to_client_pace, now);
  if (to_client_.messages) {
    if (fault.edit != Edit::none)
      to_client_.messages->begin(fault.edit, fault.share);
    else
      to_client_.messages->end();
  }
  if (over_) return;
  pump(to_server_);
  pump(to_client_);
}

void SocketLink::pump(Half& half) {
  if (over_) return;
  if (connected_ && !half.blocked && !half.closed) write_due(half);
  if (over_) return;
  if (connected_ && half.ended && !half.closed && half.course.waiting() == 0) close_sink(half);
  const auto done = [](const Half& one) { return one.ended && one.closed; };
  if (done(to_server_) && done(to_client_)) return end();
  read_more(half);
}

void SocketLink::write_due(Half& half) {
  for (;;) {
    const std::string_view due = half.course.due(now_ns());
    if (due.empty()) break;
    error_code error;
    const std::size_t size = half.to.write_some(asio::buffer(due.data(), due.size()), error);
    if (error == asio::error::would_block) return wait_until_writable(half);
    if (error) return end();
    half.course.gone(size, now_ns());
    counts_.bytes += size;
  }
  wait_for_course(half);
}

void SocketLink::wait_for_course(Half& half) {
  const std::int64_t next = half.course.next_ns();
  if (next == ByteCourse::never_ns) return;
  half.timer.expires_at(Clock::time_point(std::chrono::nanoseconds(next)));
  half.timer.async_wait([this, &half, self = shared_from_this()](const error_code& error) {
    if (!error) pump(half);
  });
}

void SocketLink::wait_until_writable(Half& half) {
  half.blocked = true;
  half.to.async_wait(Stream::socket::wait_write, [this, &half, self = shared_from_this()](error_code error) {
    if (error) return;
    half.blocked = false;
    pump(half);
  });
}

void SocketLink::read_more(Half& half) {
  const bool open = &half == &to_server_ || connected_;
  if (!open || half.reading || half.ended || !half.course.wants_more()) return;
  half.reading = true;
  half.from.async_read_some(asio::buffer(half.inbox, half.course.read_size()),
                            [this, &half, self = shared_from_this()](error_code error, std::size_t size) {
                              half.reading = false;
                              heard(half, error, size);
                            });
}

void SocketLink::heard(Half& half, const error_code& error, std::size_t size) {
  if (over_) return;
  const std::string_view bytes(half.inbox.data(), size);
  const std::uint64_t before = half.messages ? half.messages->edited() : 0;
  // Where nothing goes on any more, what comes is read all the same.
  if (!half.closed) half.course.add(half.messages ? half.messages->pass(bytes) : bytes, now_ns());
  if (half.messages) counts_.messages += half.messages->edited() - before;
  if (error && error != asio::error::eof) return end();
  half.ended = half.ended || error == asio::error::eof;
  pump(half);
}

void SocketLink::close_sink(Half& half) {
  half.closed = true;
  error_code ignored;
  half.to.shutdown(Stream::socket::shutdown_send, ignored);
}

void SocketLink::close_half(bool to_server) {
  Half& half = to_server ? to_server_ : to_client_;
  if (!over_ && connected_ && !half.closed) close_sink(half);
}

void SocketLink::reset() {
  error_code ignored;
  for (Stream::socket* socket : {&client_, &server_})
    socket->set_option(asio::socket_base::linger(true, 0), ignored);
  end();
}

void SocketLink::end() {
  over_ = true;
  error_code ignored;
  resolver_.cancel();
  for (Half* half : {&to_server_, &to_client_}) half->timer.cancel();
  client_.close(ignored);
  server_.close(ignored);
}

}  // namespace

std::shared_ptr<WireLink> make_wire_link(asio::io_context& io, int accepted, const WirePlan& plan,
                                         std::uint64_t seed, WireCounts& counts) {
  return std::make_shared<SocketLink>(io, accepted, plan, seed, counts);
}

}  // namespace soakline
