// What a run of the load generator shall do, as read from its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/address.hpp"
#include "loadgen/schedule.hpp"
#include "units/quantity.hpp"

namespace soakline {

enum class LoadKind { frames, redis };

struct LoadPlan {
  LoadKind kind = LoadKind::frames;
  Address to;
  std::optional<double> rate_per_s;  // open loop; otherwise closed
  Arrivals arrivals = Arrivals::fixed;
  Idle idle;                     // of an open loop
  std::size_t closed_depth = 1;  // messages in flight on each connection of a closed loop
  std::size_t connections = 1;
  std::string command = "PUBLISH orders {payload}";
  ByteRange payload{64, 64};
  double time_s = 10;
  std::uint64_t seed = 7;
  // Messages that may wait or be unanswered at once, over all connections; more are dropped and counted.
  std::size_t backlog = 1'000'000;
};

}  // namespace soakline
