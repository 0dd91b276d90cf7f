// Redis cluster: which slot a key lies in, and which node a MOVED reply names for it.
#pragma once

#include <optional>
#include <string_view>

#include "scenarios/redis_subscription/endpoint.hpp"

namespace redis_subscription {

// CRC16 (XMODEM) of the key, or of its {tag}, modulo 16384, as the Redis cluster specification has it.
int hash_slot(std::string_view key);

struct Moved {
  int slot = 0;
  Endpoint to;
};

// Reads "MOVED SLOT HOST:PORT"; a reply without a host means the host that was asked. Empty if it is no such
// reply.
std::optional<Moved> parse_moved(std::string_view error, const Endpoint& asked);

}  // namespace redis_subscription
