// Measured numbers as text, so that those of one line agree with each other in unit and digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/verdict.hpp"

namespace soakline {

// Values in one common unit: "12.3", "11.8" and "MB". `unit` is "B", "s" or "" for counts; NaN is "–".
struct InOneUnit {
  std::vector<std::string> values;
  std::string unit;
};
InOneUnit in_one_unit(const std::vector<double>& values, std::string_view unit);

// A metric's drift beside its limits, all in `unit`, per production day. What was not measured is empty.
struct DriftText {
  std::string drift;             // "+91.2"
  std::string low, high;         // "86.0" "96.4"
  std::string limit, tolerated;  // "90" "45"
  std::string unit;              // "MB/day", "/day"
  std::string smallest;          // "5/day": the least this run could have found

  std::string drift_with_unit() const;  // "+91.2 MB/day"
  std::string interval() const;         // "[86.0, 96.4]"
};
DriftText drift_text(const MetricVerdict& metric);

// True where the metric counts kept things and found none: a drift of nothing has no interval worth a line.
bool none_kept(const MetricVerdict& metric);

// "34.2 MB", "17": a level of a metric right now, "–" where unknown.
std::string level_text(Metric metric, double value);
// "86 %"
std::string percent(double share);
// "3m10s", "12.6s", "–" where it is not a time.
std::string duration_text(double seconds);

}  // namespace soakline
