#include "loadgen/option_reading.hpp"

#include <cmath>

#include <CLI/CLI.hpp>

namespace soakline {
namespace {

constexpr double highest_rate_per_s = 1e8;
constexpr double longest_time_s = 365 * seconds_per_day;
constexpr double shortest_progress_s = 0.01;

}  // namespace

void require(bool holds, const std::string& otherwise) {
  if (!holds) throw UsageError(otherwise);
}

void CommonFlags::declare(CLI::App& command) {
  command.add_option("--to", to, "the server's address: unix:PATH or HOST:PORT, or a URL")->required();
  command.add_option("--rate", rate, "open loop: so many messages, like 20k/s or 58k/day");
  command.add_option("--arrivals", arrivals, "of an open loop: fixed (default) or poisson");
  command.add_option("--shape", shape,
                     "of an open loop: ramp:30s, steps:0.5@1m,2@30s, bursts:5s/1m or daily:24h");
  command.add_option("--idle", idle, "of an open loop: nothing is sent meanwhile, like 40m..80m");
  command.add_option("--connections", connections, "connections (1)");
  command.add_option("--time", time, "how long to send (10s)");
  command.add_option("--seed", seed, "decides every message and arrival (7)");
  command.add_flag("--json", json, "the result as one JSON object, the last line of standard output");
  command.add_option("--progress", progress, "a JSON line on standard output every period, like 1s");
  command.add_option("--latency-log", latency_log,
                     "a file for the latencies as an HdrHistogram log, an interval every second");
}

Pace CommonFlags::open_loop() const {
  Pace pace;
  pace.rate_per_s = read("--rate", rate, parse_rate);
  require(*pace.rate_per_s > 0 && *pace.rate_per_s <= highest_rate_per_s,
          "--rate must be above 0 and at most 100M/s");
  require(arrivals.empty() || arrivals == "fixed" || arrivals == "poisson",
          fmt::format("--arrivals: '{}' is not known; write fixed or poisson", arrivals));
  pace.arrivals = arrivals == "poisson" ? Arrivals::poisson : Arrivals::fixed;
  if (!shape.empty()) pace.shape = read("--shape", shape, parse_rate_shape);
  if (!idle.empty()) {
    const TimeSpan span = read("--idle", idle, parse_time_span);
    pace.idle = {std::llround(span.from_s * 1e9), std::llround(span.until_s * 1e9)};
  }
  return pace;
}

double CommonFlags::time_s() const {
  const double seconds = read("--time", time, parse_duration);
  require(seconds > 0 && seconds <= longest_time_s, "--time must be above 0 and at most 365d");
  return seconds;
}

Output CommonFlags::output() const {
  Output output{json, 0, latency_log};
  if (progress.empty()) return output;
  output.progress_period_s = read("--progress", progress, parse_duration);
  require(output.progress_period_s >= shortest_progress_s, "--progress must be at least 10ms");
  return output;
}

}  // namespace soakline
