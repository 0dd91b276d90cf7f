#include "loadgen/devices/devices_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "loadgen/load_report.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

using Json = nlohmann::ordered_json;

double seconds(double s) {
  return std::round(s * 1e6) / 1e6;
}

double seconds(std::int64_t ns) {
  return seconds(static_cast<double>(ns) * 1e-9);
}

Json counts_json(std::size_t connected, const FleetCounts& counts) {
  return {{"connected", connected},
          {"connects", counts.connects},
          {"refused", counts.refused},
          {"lost", counts.lost},
          {"churned", counts.churned},
          {"churn_missed", counts.churn_missed},
          {"keep_alives", counts.keep_alives},
          {"keep_alives_unanswered", counts.keep_alives_unanswered},
          {"delivered", counts.delivered}};
}

Json quantiles_json(const LatencyHistogram& histogram) {
  if (histogram.count() == 0) return {};
  return {{"p50", seconds(histogram.quantile_ns(0.5))},
          {"p95", seconds(histogram.quantile_ns(0.95))},
          {"p99", seconds(histogram.quantile_ns(0.99))},
          {"max", seconds(histogram.max_ns())}};
}

}  // namespace

std::string progress_json(double t_s, bool idle, const LoadResult& result, const Fleet& fleet) {
  Json json = Json::parse(progress_json(t_s, idle, result));
  json["devices"] = counts_json(fleet.connected(), fleet.counts());
  return json.dump();
}

std::string result_json(const DevicesResult& result, std::uint64_t seed) {
  const auto if_any = [](bool any, double value) { return any ? Json(seconds(value)) : Json(); };
  Json json = Json::parse(result_json(result.load, seed));
  Json& devices = json["devices"] = counts_json(result.connected, result.counts);
  devices["all_connected_s"] = seconds(result.all_connected_s);
  devices["connecting_s"] = quantiles_json(result.counts.connecting);
  devices["reconnecting_s"] = quantiles_json(result.reconnects);
  devices["slowest_reconnect_s"] =
      if_any(result.reconnects.count() > 0, static_cast<double>(result.reconnects.max_ns()) * 1e-9);
  devices["storms"] = result.storms;
  devices["slowest_storm_s"] = if_any(result.storms > 0, result.slowest_storm_s);
  devices["rss_per_device_bytes"] =
      result.rss_per_device_bytes ? Json(std::round(*result.rss_per_device_bytes)) : Json();
  return json.dump();
}

std::string result_text(const DevicesResult& result, std::uint64_t seed) {
  const FleetCounts& counts = result.counts;
  const auto slowest = [](const LatencyHistogram& histogram) {
    return static_cast<double>(histogram.max_ns()) * 1e-9;
  };
  std::string text = fmt::format(
      "connected {}, all after {:.3f} s  connects {}  refused {}  lost {}  churned {}  delivered {}\n"
      "keep-alives {}, {} unanswered  slowest connect {:.3f} s, reconnect {:.3f} s",
      result.connected, result.all_connected_s, counts.connects, counts.refused, counts.lost, counts.churned,
      counts.delivered, counts.keep_alives, counts.keep_alives_unanswered, slowest(counts.connecting),
      slowest(result.reconnects));
  if (result.storms > 0)
    text +=
        fmt::format("  storms {}, the slowest over after {:.3f} s", result.storms, result.slowest_storm_s);
  if (result.rss_per_device_bytes) text += fmt::format("  {:.0f} B a device", *result.rss_per_device_bytes);
  return text + "\n" + result_text(result.load, seed);
}

}  // namespace soakline
