#include "reports/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "units/quantity.hpp"

namespace soakline {
namespace {

struct Step {
  double factor;
  const char* name;
};

// The unit in which `size` has one to three digits before the point.
Step step_for(double size, std::string_view unit) {
  static constexpr Step bytes[] = {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}};
  static constexpr Step seconds[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}};
  const auto pick = [size](const auto& steps) {
    for (const Step& step : steps)
      if (size >= 0.9995 * step.factor) return step;
    return std::end(steps)[-1];
  };
  if (unit == "B") return size > 0 ? pick(bytes) : Step{1, "B"};
  if (unit == "s") return size > 0 ? pick(seconds) : Step{1, "s"};
  return {1, ""};
}

int decimals_for(double scaled) {
  return scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
}

// Without a sign where nothing but noughts is left of it.
std::string fixed(double value, int decimals, bool plus = false) {
  if (!std::isfinite(value)) return std::isnan(value) ? "–" : value > 0 ? "∞" : "-∞";
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find_first_of("123456789") == std::string::npos) return text[0] == '-' ? text.substr(1) : text;
  return plus && value > 0 ? "+" + text : text;
}

std::string trimmed(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

double largest(std::initializer_list<std::optional<double>> values) {
  double most = 0;
  for (const auto& value : values)
    if (value && std::isfinite(*value)) most = std::max(most, std::abs(*value));
  return most;
}

}  // namespace

InOneUnit in_one_unit(const std::vector<double>& values, std::string_view unit) {
  double most = 0;
  bool whole = unit.empty();
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    most = std::max(most, std::abs(value));
    whole = whole && value == std::round(value);
  }
  const Step step = step_for(most, unit);
  const int decimals = whole || (unit == "B" && step.factor == 1) ? 0 : decimals_for(most / step.factor);
  InOneUnit text{{}, step.name};
  for (const double value : values) text.values.push_back(fixed(value / step.factor, decimals));
  return text;
}

std::string DriftText::drift_with_unit() const {
  return drift + (unit[0] == '/' ? "" : " ") + unit;
}
std::string DriftText::interval() const {
  return low.empty() ? "" : fmt::format("[{}, {}]", low, high);
}

DriftText drift_text(const MetricVerdict& metric) {
  const bool bytes = metric.metric == Metric::memory;
  const double size = largest({metric.drift_per_day, metric.low, metric.high});
  // The limit sets the unit: a reader compares with it, and it stays the same from run to run.
  const Step step = step_for(metric.limit > 0 ? metric.limit : size, bytes ? "B" : "");
  const double scaled = (metric.limit > 0 ? metric.limit : size) / step.factor;
  const int decimals = size / step.factor >= 999.5 ? 0 : decimals_for(scaled);
  const auto in_step = [&](double value) { return fixed(value / step.factor, decimals); };
  const auto as_limit = [&](double value) {
    return value > 0 ? trimmed(fixed(value / step.factor, decimals_for(value / step.factor))) : std::string();
  };

  DriftText text;
  text.unit = fmt::format("{}/day", step.name);
  if (metric.drift_per_day) text.drift = fixed(*metric.drift_per_day / step.factor, decimals, true);
  if (metric.drift_per_day && metric.low && metric.high) {
    text.low = in_step(*metric.low);
    text.high = in_step(*metric.high);
  }
  text.limit = as_limit(metric.limit);
  text.tolerated = as_limit(metric.tolerated);
  if (metric.smallest_found_per_day && std::isfinite(*metric.smallest_found_per_day)) {
    const double least = *metric.smallest_found_per_day;
    text.smallest = bytes ? format_bytes(least) + "/day" : format_count(least) + "/day";
  }
  return text;
}

bool none_kept(const MetricVerdict& metric) {
  const bool counted = metric.metric == Metric::threads || metric.metric == Metric::descriptors;
  return counted && metric.verdict == Verdict::pass && metric.smallest_found_per_day &&
         metric.drift_per_day.value_or(0) == 0;
}

std::string level_text(Metric metric, double value) {
  if (!std::isfinite(value)) return "–";
  if (metric == Metric::memory) return format_bytes(value);
  if (metric == Metric::cpu) return fmt::format("{:.1f} s", value);
  return fmt::format("{:.0f}", value);
}

std::string percent(double share) {
  return std::isfinite(share) ? fmt::format("{:.0f} %", 100 * share) : "–";
}

std::string duration_text(double seconds) {
  return std::isfinite(seconds) && std::abs(seconds) < 1e12 ? format_duration(std::max(0.0, seconds)) : "–";
}

}  // namespace soakline
