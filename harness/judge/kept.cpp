#include "harness/judge/kept.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/chi_squared.hpp>

#include "harness/judge/blocks.hpp"
#include "harness/judge/shape.hpp"

namespace soakline {
namespace {

constexpr double look_ratio = 1.15;       // looks at (warm-up + A)·1.15^k, as for the other signals
constexpr double alpha_of_run = 0.0001;   // a false fail of this metric in a run, over all its looks
constexpr double pass_alpha = 0.01;       // of a pass at the limit: ln(1/0.01) = 4.6 events unseen
constexpr double interval_alpha = 0.005;  // each side of the 99 % interval

// Which quarter of [from_s, to_s] a time in it belongs to.
std::size_t quarter(double time_s, double from_s, double to_s) {
  return std::min<std::size_t>(3, static_cast<std::size_t>(4 * (time_s - from_s) / (to_s - from_s)));
}

bool any_seen(const Population& seen) {
  return std::any_of(seen.counts.begin(), seen.counts.end(),
                     [](double count) { return std::isfinite(count); });
}

// Whether the counts were seen throughout: nothing is known of what came and went in a long gap.
bool covered(double from_s, double to_s, double longest_gap_s, const Population& seen) {
  double seen_s = from_s;
  for (std::size_t i = 0; i < seen.counts.size() && seen.time_s[i] <= to_s; ++i) {
    if (std::isnan(seen.counts[i]) || seen.time_s[i] < from_s) continue;
    if (seen.time_s[i] - seen_s > longest_gap_s) return false;
    seen_s = seen.time_s[i];
  }
  return to_s - seen_s <= longest_gap_s;
}

// Least and largest count in each quarter of [from_s, to_s]: what is kept for good raises the least, what
// comes and goes does not.
struct Floor {
  std::array<double, 4> least{never_s, never_s, never_s, never_s};
  std::array<double, 4> largest{-never_s, -never_s, -never_s, -never_s};

  bool known() const { return std::isfinite(*std::max_element(least.begin(), least.end())); }
  bool stays() const { return known() && *std::max_element(least.begin() + 1, least.end()) <= least.front(); }
  // Counts alone cannot tell whose turn it was: a leak raises the floor by more than the count swings, in
  // like steps.
  bool climbs() const {
    if (!known()) return false;
    double swing = 0, step = never_s;
    for (std::size_t i = 0; i < least.size(); ++i) swing = std::max(swing, largest[i] - least[i]);
    for (std::size_t i = 1; i < least.size(); ++i) step = std::min(step, least[i] - least[i - 1]);
    const double rise = least.back() - least.front();
    return rise >= swing && step >= 0.2 * rise;
  }
};

Floor floor_of(double from_s, double to_s, const Population& seen) {
  Floor floor;
  const auto first = std::lower_bound(seen.time_s.begin(), seen.time_s.end(), from_s) - seen.time_s.begin();
  for (auto i = static_cast<std::size_t>(first); i < seen.counts.size() && seen.time_s[i] <= to_s; ++i) {
    if (seen.disturbed.contains(seen.time_s[i])) continue;
    const std::size_t at = quarter(seen.time_s[i], from_s, to_s);
    floor.least[at] = std::fmin(floor.least[at], seen.counts[i]);
    floor.largest[at] = std::fmax(floor.largest[at], seen.counts[i]);
  }
  return floor;
}

}  // namespace

double poisson_lower(std::size_t count, double alpha) {
  if (count == 0) return 0;
  return boost::math::quantile(boost::math::chi_squared(2.0 * static_cast<double>(count)), alpha) / 2;
}

double poisson_upper(std::size_t count, double alpha) {
  return boost::math::quantile(
             boost::math::complement(boost::math::chi_squared(2.0 * static_cast<double>(count) + 2), alpha)) /
         2;
}

double net_lower(std::size_t entered, std::size_t left, double alpha) {
  const auto in = static_cast<double>(entered), out = static_cast<double>(left);
  return in - out - std::hypot(in - poisson_lower(entered, alpha), poisson_upper(left, alpha) - out);
}

double net_upper(std::size_t entered, std::size_t left, double alpha) {
  return -net_lower(left, entered, alpha);
}

Kept::Kept(Metric metric, const JudgeSettings& settings)
    : settings_(settings),
      limit_(settings.limit(metric)),
      first_look_s_(std::max(1.0, settings.warmup_s + settings.age_s) * look_ratio),
      next_look_s_(first_look_s_) {
  const double looks = std::log(std::max(1.0, settings.time_s / first_look_s_)) / std::log(look_ratio) + 2;
  alpha_ = alpha_of_run / std::ceil(looks);
  verdict_.metric = metric;
  verdict_.verdict = Verdict::inconclusive;  // until a look decides
  verdict_.limit = limit_.fail;
  verdict_.tolerated = limit_.tolerate;
}

void Kept::look(const Population& seen) {
  judge(next_look_s_, false, seen);
  next_look_s_ *= look_ratio;
}

void Kept::describe(double end_s, const Population& seen) {
  constexpr double blocks_of_a_run = 240, least_rise = 0.1;  // of what the limit adds, as of memory
  const double from_s = 0.4 * settings_.warmup_s;
  if (end_s <= from_s) return;
  Blocks counts(end_s / blocks_of_a_run);
  for (std::size_t row = 0; row < seen.counts.size(); ++row)
    if (!seen.disturbed.contains(seen.time_s[row])) counts.add(seen.time_s[row], seen.counts[row]);
  GrowthCurve curve;
  curve.points = counts.minima(from_s, end_s, 1);
  curve.least_tooth = 2;  // one that comes and goes is no tooth
  curve.least_rise = std::max(curve.least_tooth,
                              least_rise * limit_.fail * settings_.compression / 86'400 * (end_s - from_s));
  curve.slow_per_s = std::max(limit_.tolerate * settings_.compression / 86'400 / 10, 1e-9);
  if (const auto form = form_of(curve)) verdict_.shape = form->shape;
}

void Kept::conclude(double end_s, const Population& seen) {
  describe(end_s, seen);
  judge(end_s, end_s >= first_look_s_, seen);
  if (verdict_.verdict == Verdict::pass) {
    const double since_s = *verdict_.decided_at_s, gap_s = longest_gap_s(end_s);
    const bool unseen = !covered(since_s, end_s, gap_s, seen);
    if (!unseen && !(end_s - since_s > gap_s && seen.disturbed.hide(since_s, end_s))) return;
    verdict_.verdict = Verdict::inconclusive;
    verdict_.decided_at_s.reset();
    verdict_.reason = unseen ? "passed at first, but samples are missing since"
                             : "passed at first, but faults cover too much of the time since";
    return;
  }
  if (verdict_.decided_at_s) return;
  const bool any = any_seen(seen);
  verdict_.verdict = any || limit_.asked ? Verdict::inconclusive : Verdict::not_judged;
  if (!any)
    verdict_.reason = fmt::format("no samples of {}", name_of(verdict_.metric));
  else if (end_s < first_look_s_)
    verdict_.reason = "ended before enough of what was born after warm-up could be older than A";
  else if (!covered(settings_.warmup_s, end_s, longest_gap_s(end_s), seen))
    verdict_.reason = "samples are missing for too long";
  else if (seen.disturbed.hide(settings_.warmup_s, end_s))
    verdict_.reason = "faults cover too much of the time";
  else
    verdict_.reason = "some are kept: too few to fail, too many to pass";
}

double Kept::longest_gap_s(double now_s) const {
  return std::max(settings_.age_s, 0.1 * (now_s - settings_.warmup_s));
}

Kept::Flow Kept::flow(double now_s, const Population& seen) const {
  const double from_s = settings_.warmup_s, to_s = now_s - settings_.age_s;
  Flow flow;
  for (const Lifetime& life : seen.lives) {
    if (life.gone_s - life.born_s < settings_.age_s) continue;
    if (seen.disturbed.holds(life.born_s, std::min(life.gone_s, now_s))) continue;
    if (life.gone_s <= now_s) flow.any_left = true;
    if (life.gone_s > from_s + settings_.age_s && life.gone_s <= now_s) flow.left += life.number;
    if (life.born_s <= from_s || life.born_s > to_s) continue;
    flow.entered += life.number;
    if (life.gone_s > now_s) flow.kept[quarter(life.born_s, from_s, to_s)] += life.number;
  }
  return flow;
}

// Where nobody of that age ever left, the number kept cannot fall.
double Kept::lower(const Flow& flow, double alpha) {
  return flow.any_left ? net_lower(flow.entered, flow.left, alpha) : poisson_lower(flow.entered, alpha);
}

void Kept::judge(double now_s, bool last, const Population& seen) {
  const double from_s = settings_.warmup_s, exposed_s = now_s - settings_.age_s - from_s;
  if (verdict_.verdict == Verdict::fail || exposed_s <= 0 || !any_seen(seen)) return;
  const Flow flow = this->flow(now_s, seen);
  const std::size_t kept = std::accumulate(flow.kept.begin(), flow.kept.end(), std::size_t{0});
  const bool keep_coming = *std::min_element(flow.kept.begin(), flow.kept.end()) > 0;
  const double per_day = 86'400 / exposed_s / settings_.compression;
  const Floor floor = floor_of(from_s, now_s, seen);

  if (!verdict_.decided_at_s) show(flow, per_day, seen.counted);
  if (keep_coming && (!seen.counted || floor.climbs()) && lower(flow, alpha_) * per_day > limit_.tolerate) {
    show(flow, per_day, seen.counted);
    return decide(Verdict::fail, now_s,
                  fmt::format("{} born after warm-up are kept, and they keep coming", kept));
  }
  if (!covered(from_s, now_s, longest_gap_s(now_s), seen) || seen.disturbed.hide(from_s, now_s)) return;
  if (poisson_upper(kept, pass_alpha) * per_day < limit_.fail)
    return decide(Verdict::pass, now_s, kept == 0 ? "none kept" : fmt::format("{} kept", kept));
  // Where even none kept could hide the limit for want of time, the last look decides and says what it would
  // have seen.
  if (!last && poisson_upper(0, pass_alpha) * per_day >= limit_.fail) return;
  if (kept == 0) return decide(Verdict::pass, now_s, "none kept");
  if (floor.stays())
    decide(Verdict::pass, now_s,
           fmt::format("{} replaced others: the least number alive does not rise", kept));
}

void Kept::show(const Flow& flow, double per_day, bool counted) {
  const double net = static_cast<double>(flow.entered) - static_cast<double>(flow.left);
  const double low = lower(flow, interval_alpha);
  const double unseen = poisson_upper(0, pass_alpha) * per_day;
  verdict_.signal = counted ? "counts" : "identities";
  verdict_.drift_per_day = net * per_day;
  verdict_.low = low * per_day;
  verdict_.high = net_upper(flow.entered, flow.left, interval_alpha) * per_day;
  verdict_.smallest_found_per_day =
      std::max(unseen, verdict_.tolerated + (flow.any_left ? (net - low) * per_day : 0));
}

void Kept::decide(Verdict verdict, double now_s, std::string reason) {
  if (verdict_.verdict == verdict) return;
  verdict_.verdict = verdict;
  verdict_.decided_at_s = now_s;
  verdict_.reason = std::move(reason);
}

}  // namespace soakline
