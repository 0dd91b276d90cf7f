#include "harness/judge/aged_drift.hpp"

#include <algorithm>
#include <cmath>

#include "harness/judge/regression.hpp"
#include "harness/judge/sawtooth.hpp"

namespace soakline {
namespace {

// Figures from "The algorithm to start from: aged bytes" (docs/judge.md).
constexpr double look_ratio = 1.15;       // of the times of two looks
constexpr double standard_errors = 4.0;   // of the slope, to either side
constexpr double least_tooth_pages = 32;  // as of RSS
constexpr double most_fall = 0.3;         // of the window's rise, as of RSS: else it may be one tooth of many
constexpr double guard_share = 0.2;       // of the time so far that curves of a warm-up are fitted from

}  // namespace

AgedDrift::AgedDrift(const JudgeSettings& settings)
    : settings_(settings),
      minute_s_(plan_memory(settings).minute_s),
      blocks_(minute_s_ / 6),
      next_look_s_(std::max(settings.warmup_s, blocks_.width_s()) + settings.age_s) {}

void AgedDrift::add(double time_s, double aged_bytes) {
  blocks_.add(time_s - settings_.age_s, aged_bytes);
  seen_ = seen_ || std::isfinite(aged_bytes);
}

std::vector<Point> AgedDrift::curve(double end_s) const {
  auto points = blocks_.minima(0, end_s - settings_.age_s, 3);
  for (Point& point : points) point.time_s += settings_.age_s;
  return points;
}

Assessment AgedDrift::look() {
  const double now_s = next_look_s_ - settings_.age_s;  // births up to then can be aged
  next_look_s_ = settings_.age_s + now_s * look_ratio;
  const auto points = blocks_.means(now_s / 2, now_s);
  if (const auto floor = judge_floor(now_s)) return *floor;
  const auto line = fit_wandering_line(points, settings_.page_bytes);
  const double wanted = now_s / 2 / blocks_.width_s();
  Assessment result;
  if (!line || static_cast<double>(points.size()) < 0.9 * wanted - 1) {
    result.reason = "samples of heap_aged_bytes are missing";
    return result;
  }
  const double per_day = 86'400 / settings_.compression;
  const double half = standard_errors * std::sqrt(line->variance);
  result.estimate = {line->slope * per_day, (line->slope - half) * per_day, (line->slope + half) * per_day};
  if (result.estimate.high < settings_.memory.fail) {
    result.verdict = Verdict::pass;
    result.reason = "what outlives A stays below the limit";
  }
  // A twentieth of the way to the limit is left to the chance by which a tolerated growth comes in pieces.
  const double fails = settings_.memory.tolerate + 0.05 * (settings_.memory.fail - settings_.memory.tolerate);
  result.smallest_found_per_day = fails + half * per_day;
  if (result.estimate.low <= fails) {
    if (result.verdict != Verdict::pass) result.reason = "grows too unevenly to fail and too much to pass";
    return result;
  }
  const auto since_start = blocks_.means(guard_share * now_s, now_s);
  const double straight = std::min(least_slope_beside_step(points),
                                   least_slope_beside_warmup(since_start, now_s, guard_share * now_s / 2));
  const double rise = line->slope * now_s / 2, fall = blocks_.drawdown(guard_share * now_s, now_s);
  if (fall > most_fall * rise) {
    if (result.verdict != Verdict::pass) result.reason = "grows, but has fallen back before";
  } else if (straight * per_day <= settings_.memory.tolerate || slows_down(points, settings_.page_bytes)) {
    if (result.verdict != Verdict::pass) result.reason = "grows, but still bends like a warm-up";
  } else if (next_look_s_ / look_ratio >= settings_.settle_s) {
    result.verdict = Verdict::fail;
    result.reason = "heap older than A grows";
  }
  return result;
}

// Collections and rotations slower than A are seen in what is older than A too: their floor decides.
std::optional<Assessment> AgedDrift::judge_floor(double now_s) const {
  const double start_s = guard_share * now_s;
  const Sawtooth teeth{
      settings_.memory.fail * settings_.compression / 86'400, minute_s_,
      std::max(least_tooth_pages * settings_.page_bytes, blocks_.drawdown(start_s, now_s) / 3)};
  auto floor = judge_sawtooth(blocks_.minima(start_s, now_s, 1), teeth, settings_);
  if (!floor) return floor;
  floor->smallest_found_per_day =
      settings_.memory.tolerate + (floor->estimate.high - floor->estimate.low) / 2;
  if (floor->verdict == Verdict::fail && now_s + settings_.age_s < settings_.settle_s)
    floor->verdict = Verdict::inconclusive;
  if (floor->verdict == Verdict::pass && !(floor->estimate.high < settings_.memory.fail))
    floor->verdict = Verdict::inconclusive;
  floor->reason = floor->verdict == Verdict::fail   ? "the floor of what outlives A rises"
                  : floor->verdict == Verdict::pass ? "the floor of what outlives A stays"
                                                    : "the floor of what outlives A is too uneven";
  return floor;
}

}  // namespace soakline
