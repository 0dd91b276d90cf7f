// What the command line of redis_client says, checked.
#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "scenarios/redis_subscription/endpoint.hpp"

namespace redis_client {

// The command line cannot be followed; what() names the flag and the fix.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the program does, each the way of one leak.
enum class Work { connections, backlog, unsubscribe, readers };
enum class Variant { fixed, leaky };

struct Options {
  Work work = Work::connections;
  Variant variant = Variant::fixed;
  redis_subscription::Endpoint redis;
  redis_subscription::Endpoint log;                 // backlog: where it logs
  std::chrono::steady_clock::duration heartbeat{};  // connections
  std::chrono::steady_clock::duration timeout{};    // connections
  std::size_t most = 1000;                          // backlog: commands that the fixed one keeps
  std::chrono::steady_clock::duration handling{};   // unsubscribe: how long an order is under way
  std::size_t listeners = 1000;                     // unsubscribe: that listen all the time
};

// Nothing if only help was asked for, which is printed. Throws UsageError.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace redis_client
