#include "harness/judge/chunk_drift.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/judge/regression.hpp"

namespace soakline {
namespace {

// Figures from "Chunks by size class, from outside" (docs/judge.md).
constexpr std::array windows_minutes = {20.0, 24.0, 32.0, 40.0, 48.0, 64.0};
constexpr double window_share = 0.5;  // of the time so far, at least; 40 minutes are always enough
constexpr double enough_minutes = 40;
constexpr double start_minutes = 6;  // no window begins earlier: the process is still starting
constexpr int quarters = 4;
constexpr double alike = 0.65;  // least rate of a leaking class in its largest
constexpr std::array class_widths = {1.0, 2.0, std::numeric_limits<double>::infinity()};
constexpr int chunk_looks_to_fail = 3;
constexpr double confidence = 0.99;
constexpr double floor_minutes = 32;  // shorter, and the least of a quarter is no floor

std::span<const ChunkWalk> between(double from_s, double to_s, std::span<const ChunkWalk> walks) {
  const auto before = [](const ChunkWalk& walk, double time_s) { return walk.time_s < time_s; };
  const auto first = std::lower_bound(walks.begin(), walks.end(), from_s, before);
  return {first, std::lower_bound(first, walks.end(), to_s, before)};
}

// Bytes a second from the floor of the first quarter to that of the last: what breathes comes back to it.
double floor_growth(double from_s, double to_s, std::span<const ChunkWalk> walks,
                    std::span<const double> classes) {
  const double quarter_s = (to_s - from_s) / quarters;
  const auto floor = [&](double start_s) {
    double least = missing;
    for (const ChunkWalk& walk : between(start_s, start_s + quarter_s, walks))
      least = std::fmin(least, bytes_of(walk, classes));
    return least;
  };
  return (floor(to_s - quarter_s) - floor(from_s)) / (to_s - from_s - quarter_s);
}

// Classes of which the largest is less than `width` times the smallest count as one.
ChunkDrift::Steady steady_classes(const std::array<std::vector<float>, quarters>& least, double quarter_s,
                                  double from_s, std::span<const double> classes, double width) {
  ChunkDrift::Steady steady{0, from_s, std::vector<double>(classes.size())};
  for (std::size_t first = 0, end = 0; first < classes.size(); first = end) {
    std::array<double, quarters> bytes{};
    for (end = first; end < classes.size() && (end == first || classes[end] < width * classes[first]); ++end)
      for (int q = 0; q < quarters; ++q) bytes[q] += least[q][end] * classes[end];
    const auto rises = {bytes[1] - bytes[0], bytes[2] - bytes[1], bytes[3] - bytes[2]};
    const auto [low, high] = std::minmax(rises);
    if (low <= 0 || low < alike * high) continue;
    steady.bytes_per_s += low / quarter_s;
    for (std::size_t c = first; c < end; ++c) steady.bytes_each[c] = classes[c];
  }
  return steady;
}

std::vector<Point> curve_of(std::span<const ChunkWalk> walks, std::span<const double> bytes_each) {
  std::vector<Point> bytes;
  bytes.reserve(walks.size());
  for (const ChunkWalk& walk : walks) bytes.push_back({walk.time_s, bytes_of(walk, bytes_each)});
  return bytes;
}

}  // namespace

double bytes_of(const ChunkWalk& walk, std::span<const double> classes) {
  return std::inner_product(classes.begin(), classes.end(), walk.counts.begin(), 0.0);
}

ChunkDrift::ChunkDrift(const JudgeSettings& settings)
    : settings_(settings),
      plan_(plan_memory(settings)),
      limit_per_s_(plan_.limit_found_per_day * settings.compression / 86'400),
      tolerated_share_(settings.memory.tolerate / settings.memory.fail),
      // The last of the looks that a fail takes is the first that may decide.
      minutes_(std::lround(plan_.first_look_s / plan_.minute_s) - (chunk_looks_to_fail - 1)) {}

Assessment ChunkDrift::look(std::span<const ChunkWalk> walks, std::span<const double> classes) {
  const double now_s = next_look_s(), now = static_cast<double>(minutes_);
  ++minutes_;
  Steady largest, least, failing;
  const auto consider = [&](double minutes) {
    if (minutes < std::min(window_share * now, enough_minutes * plan_.later) ||
        now - minutes < start_minutes * plan_.later)
      return;
    const Steady steady = steady_growth(now_s - minutes * plan_.minute_s, now_s, walks, classes);
    if (std::isnan(steady.bytes_per_s)) return;
    if (!(steady.bytes_per_s <= largest.bytes_per_s)) largest = steady;
    if (shows_what_settled(minutes * plan_.minute_s, now_s, settings_) &&
        !(steady.bytes_per_s <= failing.bytes_per_s))
      failing = steady;
    if (!(steady.bytes_per_s >= least.bytes_per_s)) least = steady;
  };
  for (const double minutes : windows_minutes) consider(minutes * plan_.later);

  const double fails = (tolerated_share_ + 0.3 * (1 - tolerated_share_)) * limit_per_s_;
  const double passes = 0.7 * tolerated_share_ * limit_per_s_;
  const double per_day = 86'400 / settings_.compression;
  looks_running_ = failing.bytes_per_s >= fails ? looks_running_ + 1 : 0;
  steady_ = looks_running_ > 0 ? failing : largest;
  const double floor_from =
      std::max(start_minutes * plan_.later, std::min(now / 3, now - floor_minutes * plan_.later));
  const double floor = floor_growth(floor_from * plan_.minute_s, now_s, walks, classes);
  looks_unexplained_ =
      floor - largest.bytes_per_s > tolerated_share_ * limit_per_s_ ? looks_unexplained_ + 1 : 0;
  Assessment result;
  result.smallest_found_per_day = fails * per_day;
  if (std::isnan(largest.bytes_per_s)) {
    result.reason = "too few walks of the heap";
    return result;
  }
  // What grows steadily, not the heap's total, which breathes.
  result.estimate = estimate(steady_, now_s, walks);
  if (looks_running_ >= chunk_looks_to_fail && result.estimate.low > fails * per_day) {
    result.verdict = Verdict::fail;
    result.reason = "heap chunks of like sizes grow alike, quarter after quarter";
  } else if (largest.bytes_per_s < passes && floor < fails && now_s >= plan_.first_look_s &&
             plan_.limit_found_per_day <= settings_.memory.fail) {
    result.verdict = Verdict::pass;
    result.estimate = {largest.bytes_per_s * per_day, least.bytes_per_s * per_day, fails * per_day};
    result.reason = "no size of heap chunks grows steadily";
  } else {
    result.reason = "heap chunks grow too unevenly to fail and too much to pass";
  }
  return result;
}

std::vector<Point> ChunkDrift::steady_curve(std::span<const ChunkWalk> walks) const {
  return curve_of(walks, steady_.bytes_each);
}

// The classes that grew alike in each quarter, and of every class the least of its rates.
ChunkDrift::Steady ChunkDrift::steady_growth(double from_s, double to_s, std::span<const ChunkWalk> walks,
                                             std::span<const double> classes) {
  const double quarter_s = (to_s - from_s) / quarters;
  std::array<std::vector<float>, quarters> least;
  for (int q = 0; q < quarters; ++q) {
    const auto inside = between(from_s + q * quarter_s, from_s + (q + 1) * quarter_s, walks);
    if (inside.size() < 2) return {};
    least[q] = inside.front().counts;
    for (const ChunkWalk& walk : inside)
      for (std::size_t c = 0; c < classes.size(); ++c) least[q][c] = std::min(least[q][c], walk.counts[c]);
  }
  // A leak of one size shows in its class; one of many sizes has too few blocks in each and shows in sums.
  Steady best{0, from_s, {}};
  for (const double ratio : class_widths) {
    const Steady steady = steady_classes(least, quarter_s, from_s, classes, ratio);
    if (steady.bytes_per_s > best.bytes_per_s) best = steady;
  }
  return best;
}

Estimate ChunkDrift::estimate(const Steady& steady, double now_s, std::span<const ChunkWalk> walks) const {
  const auto line = fit_line(curve_of(between(steady.from_s, now_s, walks), steady.bytes_each), 0);
  if (!line) return {};
  const double per_day = 86'400 / settings_.compression, half = half_width(*line, confidence);
  return {line->slope * per_day, (line->slope - half) * per_day, (line->slope + half) * per_day};
}

}  // namespace soakline
