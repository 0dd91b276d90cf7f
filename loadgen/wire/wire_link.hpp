// One connection through the proxy: a client that was accepted, and its connection to the server.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "loadgen/address.hpp"
#include "loadgen/wire/wire_fault.hpp"

namespace boost::asio {
class io_context;
}

namespace soakline {

// Of all connections together.
struct WireCounts {
  std::uint64_t bytes = 0;     // that went on, either way
  std::uint64_t messages = 0;  // lost, doubled or corrupted
};

class WireLink {
 public:
  virtual ~WireLink() = default;
  // Connects to the server and passes on what comes.
  virtual void start() = 0;
  // Paces and edits of a fault, or of none: WireFault().
  virtual void apply(const WireFault& fault) = 0;
  // Ends both connections with RST, where they know such a thing.
  virtual void reset() = 0;
  // The server, or the client, is told that nothing more will come; the other direction goes on.
  virtual void close_half(bool to_server) = 0;
  virtual bool over() const = 0;
};

struct WirePlan {
  Address listen, to;
  std::optional<LoadKind> messages;  // that edits are made of
  std::uint64_t seed = 7;
};

// `accepted`: a connected socket, taken over. `seed`: of its edits.
std::shared_ptr<WireLink> make_wire_link(boost::asio::io_context& io, int accepted, const WirePlan& plan,
                                         std::uint64_t seed, WireCounts& counts);

}  // namespace soakline
