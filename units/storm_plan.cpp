#include "units/storm_plan.hpp"

#include <fmt/format.h>

#include <charconv>

#include "units/quantity.hpp"

namespace soakline {

StormPlan parse_storm_plan(std::string_view text) {
  const auto at = text.find('@');
  const std::string_view number = text.substr(0, at);
  StormPlan plan;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), plan.devices);
  if (at == std::string_view::npos || error != std::errc() || end != number.data() + number.size() ||
      plan.devices == 0)
    throw QuantityError(
        fmt::format("'{}' is no storm; write devices@time, or devices@time/period, like 1000@30s/5m", text));
  const std::string_view times = text.substr(at + 1);
  const auto slash = times.find('/');
  plan.first_s = parse_duration(times.substr(0, slash));
  if (slash == std::string_view::npos) return plan;
  plan.period_s = parse_duration(times.substr(slash + 1));
  if (!(plan.period_s > 0)) throw QuantityError(fmt::format("'{}': the period must be above 0", text));
  return plan;
}

}  // namespace soakline
