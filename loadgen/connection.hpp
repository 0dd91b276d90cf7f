// One connection to the server: carries out a dialogue on a socket, and comes back when it is lost.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "loadgen/dialogue.hpp"
#include "loadgen/greeting.hpp"
#include "loadgen/run_clock.hpp"

namespace boost::asio {
class io_context;
}

namespace soakline {

struct Endpoints;
class TlsContext;

// What a connection tells its owner, always from the event loop.
class ConnectionEvents {
 public:
  virtual ~ConnectionEvents() = default;
  virtual void on_open() = 0;
  // It will be tried again after a pause.
  virtual void on_refused(const std::error_code& error) = 0;
  virtual void on_replies(std::size_t count) = 0;
  virtual void on_lost(std::string_view why) = 0;
};

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void open() = 0;
  // Writes all that waits, as far as the socket takes it; the rest as soon as it does.
  virtual void flush() = 0;
};

// What all connections of a run share. What is read is dealt with before the next one reads, so that one
// inbox, which stays in the cache, is enough.
struct Wires {
  boost::asio::io_context& io;
  std::shared_ptr<const Endpoints> endpoints;
  const RunClock& clock;
  std::span<char> inbox;            // with room for a TLS record at least, 16 KiB
  const TlsContext* tls = nullptr;  // none: in the clear
};

std::unique_ptr<Connection> make_connection(const Wires& wires, Dialogue& dialogue, Greeting greeting,
                                            ConnectionEvents& events);

// Every endpoint an address stands for; boost::system::system_error when its host is not known.
std::shared_ptr<const Endpoints> resolve(boost::asio::io_context& io, const Address& address);

}  // namespace soakline
