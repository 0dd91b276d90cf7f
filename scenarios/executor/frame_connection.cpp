#include "scenarios/executor/frame_connection.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace executor {
namespace {

using boost::system::error_code;

constexpr std::size_t kept_capacity = 65'536;
constexpr std::chrono::seconds linger_time{1};

}  // namespace

FrameConnection::FrameConnection(boost::asio::ip::tcp::socket socket, std::uint32_t max_frame,
                                 ServerCounters& counters)
    : socket_(std::move(socket)),
      lingering_(socket_.get_executor()),
      max_frame_(max_frame),
      counters_(counters),
      decoder_(max_frame) {}

void FrameConnection::start() {
  ++counters_.connections;
  error_code ignored;
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  read();
}

void FrameConnection::read() {
  socket_.async_read_some(boost::asio::buffer(in_),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            if (!error) self->answer(bytes);
                          });
}

void FrameConnection::answer(std::size_t bytes_read) {
  decoder_.append({in_.data(), bytes_read});
  while (const auto payload = decoder_.next()) {
    append_frame(out_, *payload);
    ++counters_.frames;
  }
  if (decoder_.refused()) refuse(*decoder_.refused());
  if (out_.empty()) {
    read();
  } else {
    send();
  }
}

void FrameConnection::send() {
  boost::asio::async_write(socket_, boost::asio::buffer(out_),
                           [self = shared_from_this()](const error_code& error, std::size_t) {
                             if (error) return;
                             self->out_.clear();
                             if (self->out_.capacity() > kept_capacity) self->out_.shrink_to_fit();
                             if (self->decoder_.refused()) {
                               self->linger();
                             } else {
                               self->read();
                             }
                           });
}

void FrameConnection::refuse(std::uint32_t length) {
  ++counters_.refused;
  const std::string why = "refused a frame of " + std::to_string(length) + " bytes: the maximum is " +
                          std::to_string(max_frame_) + " (--max-frame)";
  std::fprintf(stderr, "executor: %s; its connection is closed\n", why.c_str());
  append_frame(out_, "error: " + why);
}

// Closing with bytes unread would reset the connection, and the client might lose the error: so what it still
// sends is read away until it has done, but not for long.
void FrameConnection::linger() {
  error_code ignored;
  socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  lingering_.expires_after(linger_time);
  lingering_.async_wait([self = shared_from_this()](const error_code&) {
    error_code already_closed;
    self->socket_.close(already_closed);
  });
  discard();
}

void FrameConnection::discard() {
  socket_.async_read_some(boost::asio::buffer(in_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (error) {
                              self->lingering_.cancel();
                            } else {
                              self->discard();
                            }
                          });
}

}  // namespace executor
