// One connection to the server: carries out its conversation on a socket, and comes back when it is lost.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include "loadgen/conversation.hpp"
#include "loadgen/run_clock.hpp"

namespace boost::asio {
class io_context;
}

namespace soakline {

class Connection;
struct Endpoints;

// What a connection tells its owner, always from the event loop.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  virtual void on_open(Connection& connection) = 0;
  // It will be tried again after a pause.
  virtual void on_refused(Connection& connection, const std::error_code& error) = 0;
  virtual void on_replies(Connection& connection, std::size_t count) = 0;
  virtual void on_lost(Connection& connection, std::string_view why) = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void open() = 0;
  // Writes all that waits, as far as the socket takes it; the rest as soon as it does.
  virtual void flush() = 0;
  virtual Conversation& conversation() = 0;
};

std::unique_ptr<Connection> make_connection(boost::asio::io_context& io,
                                            std::shared_ptr<const Endpoints> endpoints,
                                            Conversation conversation, const RunClock& clock,
                                            ConnectionEvents& events);

// Every endpoint an address stands for; boost::system::system_error when its host is not known.
std::shared_ptr<const Endpoints> resolve(boost::asio::io_context& io, const Address& address);

}  // namespace soakline
