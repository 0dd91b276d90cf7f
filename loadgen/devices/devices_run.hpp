// A whole run of devices: connect all, send and churn on time, wait for the last answers, account.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "loadgen/devices/fleet.hpp"
#include "loadgen/load_run.hpp"

namespace soakline {

struct DevicesProgress {
  double period_s = 0;  // 0: never
  // Seconds since all were connected and the account so far; false ends the run at once.
  std::function<bool(double t_s, const LoadResult&, const Fleet&)> report;
};

struct DevicesResult {
  LoadResult load;
  FleetCounts counts;
  std::size_t connected = 0;  // when sending stopped
  double all_connected_s = 0;
  std::uint64_t storms = 0;
  double slowest_storm_s = 0;
  LatencyHistogram reconnects;
  // Of resident memory, from before the fleet was made until all were connected; only where there are enough
  // devices to tell it from the program's own.
  std::optional<double> rss_per_device_bytes;
};

// Runs until the plan's time is over, or SIGTERM or SIGINT. LoadError when not all can be connected.
std::unique_ptr<DevicesResult> run_devices(const DevicesPlan& plan, const DevicesProgress& progress = {});

}  // namespace soakline
