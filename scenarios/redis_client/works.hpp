// The four works of the program, each until a signal stops it.
#pragma once

#include "scenarios/redis_client/options.hpp"

namespace redis_client {

// Throw RedisError where redis must be there at the start and is not.
void keep_connection(const Options& options);
void log_orders(const Options& options);
void handle_orders(const Options& options);
void read_channel(const Options& options);

}  // namespace redis_client
