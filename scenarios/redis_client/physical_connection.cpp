#include "scenarios/redis_client/physical_connection.hpp"

#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

namespace redis_client {
namespace {

using boost::asio::generic::stream_protocol;
using boost::system::error_code;

constexpr std::size_t read_buffer_bytes = 65'536;
constexpr std::string_view ping_command = "PING\r\n";

stream_protocol::endpoint address_of(const Endpoint& endpoint) {
  if (endpoint.is_unix()) return boost::asio::local::stream_protocol::endpoint(endpoint.socket_path);
  return boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(endpoint.host), endpoint.port);
}

}  // namespace

PhysicalConnection::PhysicalConnection(boost::asio::io_context& io, Events events)
    : socket_(io), events_(std::move(events)), in_(read_buffer_bytes) {}

void PhysicalConnection::open(const Endpoint& endpoint) {
  socket_.async_connect(address_of(endpoint), [self = shared_from_this()](const error_code& error) {
    if (error) return self->lose();
    self->events_.connected();
    self->read();
  });
}

void PhysicalConnection::ping() {
  boost::asio::async_write(socket_, boost::asio::buffer(ping_command),
                           [self = shared_from_this()](const error_code&, std::size_t) {});
}

void PhysicalConnection::close() {
  events_ = {};
  error_code ignored;
  socket_.close(ignored);
}

// The read that waits holds the connection, so that nobody else need: as long as the socket is open.
void PhysicalConnection::read() {
  socket_.async_read_some(boost::asio::buffer(in_),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (error) return self->lose();
                            if (self->events_.answered) self->events_.answered();
                            self->read();
                          });
}

void PhysicalConnection::lose() {
  if (const auto lost = std::exchange(events_, {}).lost) lost();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace redis_client
