#include "harness/judge/growth_parts.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "harness/judge/regression.hpp"

namespace soakline {
namespace {

constexpr double confidence = 0.99;
constexpr double changed = 0.5;  // the slowest quarter's load, of the fastest one's

bool load_changed(std::span<const Point> points, std::span<const double> operations) {
  std::array<double, 4> rates{};
  const std::size_t last = points.size() - 1;
  for (std::size_t q = 0; q < rates.size(); ++q) {
    const std::size_t from = q * last / rates.size(), to = (q + 1) * last / rates.size();
    rates[q] = (operations[to] - operations[from]) / (points[to].time_s - points[from].time_s);
  }
  const auto [slowest, fastest] = std::minmax_element(rates.begin(), rates.end());
  return *slowest < changed * *fastest;
}

// What a straight line in `regressor` leaves of `values`.
std::vector<double> beside(std::span<const double> regressor, std::span<const double> values) {
  std::vector<Point> points;
  points.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) points.push_back({regressor[i], values[i]});
  std::vector<double> left(values.begin(), values.end());
  const auto trend = fit_trend(points);
  for (std::size_t i = 0; trend && i < left.size(); ++i)
    left[i] -= trend->level + trend->slope * (regressor[i] - trend->centre_s);
  return left;
}

// The coefficient of `regressor` in a fit of `values` that holds `other` too.
std::optional<Interval> coefficient(std::span<const double> regressor, std::span<const double> other,
                                    std::span<const double> values, double quantum) {
  const auto x = beside(other, regressor), y = beside(other, values);
  std::vector<Point> points;
  points.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) points.push_back({x[i], y[i]});
  const auto line = fit_line(points, quantum);
  if (!line) return std::nullopt;
  const double half = half_width(*line, confidence);
  return Interval{line->slope, line->slope - half, line->slope + half};
}

}  // namespace

std::optional<GrowthParts> growth_parts(std::span<const Point> points, std::span<const double> operations,
                                        const JudgeSettings& settings) {
  if (points.size() < 8 || operations.size() != points.size() || !load_changed(points, operations))
    return std::nullopt;
  std::vector<double> hours, values;
  for (const Point& point : points) {
    hours.push_back(point.time_s * settings.compression / 3600);
    values.push_back(point.value);
  }
  const auto of_operations = coefficient(operations, hours, values, settings.page_bytes);
  const auto of_time = coefficient(hours, operations, values, settings.page_bytes);
  if (!of_operations || !of_time) return std::nullopt;
  GrowthParts parts{*of_operations, *of_time, {}};
  if (const auto day = settings.operations_per_day) {
    const auto sum = [day](double operation, double hour) { return *day * operation + 24 * hour; };
    parts.per_day = Interval{sum(of_operations->value, of_time->value), sum(of_operations->low, of_time->low),
                             sum(of_operations->high, of_time->high)};
  }
  return parts;
}

}  // namespace soakline
