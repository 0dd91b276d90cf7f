#include "harness/judge/blocks.hpp"

#include <algorithm>
#include <cmath>

#include "harness/judge/recording.hpp"

namespace soakline {
namespace {
// Edges of windows are multiples of the block's width up to rounding.
constexpr double edge = 1e-6;
}  // namespace

void Blocks::add(double time_s, double value) {
  if (!std::isfinite(value) || !(time_s >= 0)) return;
  const auto block = static_cast<std::size_t>(time_s / width_s_ + edge);
  if (block >= min_.size()) {
    min_.resize(block + 1, missing);
    max_.resize(block + 1, missing);
    sum_.resize(block + 1, 0);
    samples_.resize(block + 1, 0);
  }
  min_[block] = std::fmin(min_[block], value);
  max_[block] = std::fmax(max_[block], value);
  sum_[block] += value;
  ++samples_[block];
}

std::size_t Blocks::complete(double time_s) const {
  return std::min(min_.size(), static_cast<std::size_t>(std::max(0.0, time_s / width_s_ + edge)));
}

Blocks::Range Blocks::range(double from_s, double to_s) const {
  const std::size_t last = complete(to_s);
  return {std::min(last, static_cast<std::size_t>(std::max(0.0, from_s / width_s_ + 0.5))), last};
}

double Blocks::min_over(double from_s, double to_s) const {
  const auto [first, last] = range(from_s, to_s);
  const double wanted = std::max(1.0, (to_s - from_s) / width_s_);
  double least = missing;
  std::size_t seen = 0;
  for (std::size_t i = first; i < last; ++i) {
    if (std::isnan(min_[i])) continue;
    least = std::fmin(least, min_[i]);
    ++seen;
  }
  return static_cast<double>(seen) >= 0.9 * wanted - 1 && seen > 0 ? least : missing;
}

std::vector<Point> Blocks::minima(double from_s, double to_s, std::size_t group) const {
  const auto [first, last] = range(from_s, to_s);
  std::vector<Point> points;
  points.reserve((last - first) / group + 1);
  for (std::size_t i = first; i + group <= last; i += group) {
    double least = missing;
    for (std::size_t j = i; j < i + group; ++j) least = std::fmin(least, min_[j]);
    if (!std::isnan(least))
      points.push_back({(static_cast<double>(i) + 0.5 * static_cast<double>(group)) * width_s_, least});
  }
  return points;
}

std::vector<Point> Blocks::means(double from_s, double to_s) const {
  const auto [first, last] = range(from_s, to_s);
  std::vector<Point> points;
  points.reserve(last - first);
  for (std::size_t i = first; i < last; ++i)
    if (samples_[i] > 0) points.push_back({(static_cast<double>(i) + 0.5) * width_s_, sum_[i] / samples_[i]});
  return points;
}

double Blocks::drawdown(double from_s, double to_s) const {
  const auto [first, last] = range(from_s, to_s);
  double highest = missing, fall = 0;
  for (std::size_t i = first; i < last; ++i) {
    if (std::isnan(min_[i])) continue;
    fall = std::max(fall, std::fmax(highest, min_[i]) - min_[i]);
    highest = std::fmax(highest, max_[i]);
  }
  return fall;
}

double Blocks::largest_drop(double from_s, double to_s, std::size_t span) const {
  const auto [first, last] = range(from_s, to_s);
  double drop = 0;
  for (std::size_t i = first; i < last; ++i)
    for (std::size_t j = i + 1; j < std::min(last, i + 1 + span); ++j)
      if (max_[i] - min_[j] > drop) drop = max_[i] - min_[j];
  return drop;
}

}  // namespace soakline
