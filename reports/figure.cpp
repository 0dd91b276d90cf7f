#include "reports/figure.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

void widen(Figure::Range& range, double value) {
  if (!std::isfinite(value)) return;
  range.low = std::fmin(range.low, value);
  range.high = std::fmax(range.high, value);
}

double at(const DriftLine& line, double slope, double time_s) {
  return line.level + slope * (time_s - line.centre_s);
}

}  // namespace

Figure::Range Figure::range() const {
  Range range{std::nan(""), std::nan("")};
  for (const Curve& curve : curves)
    for (const auto& [time_s, value] : curve.points) widen(range, value);
  if (std::isnan(range.low)) return {0, 1};
  if (from_zero) widen(range, 0);
  const bool positive = range.low >= 0;
  if (limit) {
    widen(range, limit->level);
    widen(range, limit->level + limit->slope * (limit->to_s - limit->from_s));
  }
  if (drift) {
    for (const double time_s : {drift->from_s, drift->to_s}) widen(range, at(*drift, drift->slope, time_s));
    // An interval as wide as a young run's would press the samples flat: it may be cut, they may not.
    const double span = range.high - range.low;
    Range interval = range;
    for (const double slope :
         {drift->low_slope.value_or(drift->slope), drift->high_slope.value_or(drift->slope)})
      for (const double time_s : {drift->from_s, drift->to_s}) widen(interval, at(*drift, slope, time_s));
    range = {std::max(interval.low, range.low - span / 4), std::min(interval.high, range.high + span / 4)};
  }
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  const double least = unit.empty()
                           ? std::max(4.0, 1e-6 * size)
                           : std::max(1e-9, 0.004 * size);  // else noise of a flat run fills the plot
  const double room = std::max(0.06 * (range.high - range.low), (least - (range.high - range.low)) / 2);
  if (from_zero && positive) return {0, range.high + room};
  range = {range.low - room, range.high + room};
  if (positive) range.low = std::max(0.0, range.low);
  return range;
}

}  // namespace soakline
