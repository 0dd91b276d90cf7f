#include "reports/series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace soakline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double hole_in_steps = 10;  // a pause this many usual steps long is a hole, not an uneven sampler

Trace present(std::span<const double> time_s, std::span<const double> values) {
  Trace trace;
  for (std::size_t i = 0; i < std::min(time_s.size(), values.size()); ++i)
    if (std::isfinite(time_s[i]) && std::isfinite(values[i])) trace.emplace_back(time_s[i], values[i]);
  return trace;
}

double usual_step(const Trace& trace) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < trace.size(); ++i) steps.push_back(trace[i].first - trace[i - 1].first);
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

Trace with_holes(const Trace& trace) {
  const double hole = hole_in_steps * usual_step(trace);
  Trace broken;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    if (i > 0 && hole > 0 && trace[i].first - trace[i - 1].first > hole)
      broken.emplace_back((trace[i].first + trace[i - 1].first) / 2, nan);
    broken.push_back(trace[i]);
  }
  return broken;
}

// Least and greatest of trace[first, last), in the order they came.
void add_extremes(const Trace& trace, std::size_t first, std::size_t last, Trace& out) {
  if (first == last) return;
  const auto begin = trace.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = trace.begin() + static_cast<std::ptrdiff_t>(last);
  auto [least, most] =
      std::minmax_element(begin, end, [](const auto& a, const auto& b) { return a.second < b.second; });
  if (least > most) std::swap(least, most);
  out.push_back(*least);
  if (most != least) out.push_back(*most);
}

}  // namespace

Trace decimated(std::span<const double> time_s, std::span<const double> values, std::size_t most) {
  return decimated(with_holes(present(time_s, values)), most);
}

Trace decimated(const Trace& trace, std::size_t most) {
  if (trace.size() <= std::max<std::size_t>(most, 4)) return trace;
  const double begin = trace.front().first,
               width = (trace.back().first - begin) / (static_cast<double>(most) / 2);
  Trace small;
  std::size_t first = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const bool hole = std::isnan(trace[i].second);
    const bool next_span =
        std::floor((trace[i].first - begin) / width) > std::floor((trace[first].first - begin) / width);
    if (!hole && !next_span) continue;
    add_extremes(trace, first, i, small);
    if (hole) small.push_back(trace[i]);
    first = i + hole;
  }
  add_extremes(trace, first, trace.size(), small);
  return small;
}

Trace rate_of(std::span<const double> time_s, std::span<const double> counter, std::size_t most) {
  const Trace trace = present(time_s, counter);
  Trace rates;
  if (trace.size() < 2) return rates;
  const double width =
      (trace.back().first - trace.front().first) / static_cast<double>(std::max<std::size_t>(most, 1));
  std::size_t from = 0;
  for (std::size_t i = 1; i < trace.size(); ++i) {
    const double elapsed = trace[i].first - trace[from].first;
    const bool fell = trace[i].second < trace[i - 1].second;
    if (!fell && (elapsed < width * 0.999 || elapsed <= 0)) continue;
    const double middle = (trace[i].first + trace[from].first) / 2;
    rates.emplace_back(middle, fell ? nan : (trace[i].second - trace[from].second) / elapsed);
    from = i;
  }
  return rates;
}

double median_within(std::span<const double> time_s, std::span<const double> values, double from_s,
                     double to_s) {
  std::vector<double> inside;
  for (std::size_t i = 0; i < std::min(time_s.size(), values.size()); ++i)
    if (time_s[i] >= from_s && time_s[i] <= to_s && std::isfinite(values[i])) inside.push_back(values[i]);
  if (inside.empty()) return nan;
  const auto middle = inside.begin() + static_cast<std::ptrdiff_t>(inside.size() / 2);
  std::nth_element(inside.begin(), middle, inside.end());
  return *middle;
}

bool has_values(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace soakline
