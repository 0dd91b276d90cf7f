// The program's one multiplexer behind a static getter, as the service that leaked had it.
#pragma once

#include <cstddef>
#include <string>

#include "scenarios/redis_subscription/connection_multiplexer.hpp"

namespace redis_subscription {

// Where the six handlers are registered: where the instance is created (the fix), or on every access (the
// leak).
enum class Registration { once, per_access };

struct RedisSettings {
  std::string connection_string;
  std::string announce_channel;
  Registration registration = Registration::once;
};

// To be called before the first access.
void configure_redis(RedisSettings settings);

// Creates the instance on the first access. Throws std::invalid_argument for an empty or wrong connection
// string, ConnectionLost or ServerError when it cannot connect. The reference stays valid until
// forget_redis_instance().
ConnectionMultiplexer& redis_instance();

// How many instances have been created, and their end: for tests.
std::size_t redis_instances_created();
void forget_redis_instance();

}  // namespace redis_subscription
