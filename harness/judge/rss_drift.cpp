#include "harness/judge/rss_drift.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/judge/recording.hpp"
#include "harness/judge/regression.hpp"
#include "harness/judge/troughs.hpp"

namespace soakline {
namespace {

// All figures from "RSS alone: what a second study found" (docs/judge.md): tuned on fifteen kinds
// of programs on glibc's allocator, then tried on 700 clean and 335 leaking traces.
constexpr std::array windows_minutes = {16.0, 20.0, 24.0, 28.0, 32.0, 40.0, 48.0, 56.0, 64.0, 80.0};
constexpr double window_share = 0.4;  // of the run, at least
// Minutes; from here on the last window grows with the run and looks thin out: a leak may start late in a
// day.
constexpr double last_window_ends = 200;
constexpr double start_minutes = 6;     // no window begins earlier: the process is still starting
constexpr double settled_minutes = 10;  // growth is counted from here for a pass
constexpr std::size_t blocks_in_30_s = 3;
constexpr double noise_pages = 32;  // falls and teeth smaller than this are the allocator's
constexpr double confidence = 0.99;
constexpr double trough_span_minutes = 25;  // of a sawtooth's troughs

bool at_least(double value, double bound) {
  return !std::isnan(value) && value >= bound;
}
bool below(double value, double bound) {
  return !std::isnan(value) && value < bound;
}

}  // namespace

RssDrift::RssDrift(const JudgeSettings& settings)
    : settings_(settings),
      plan_(plan_memory(settings)),
      limit_per_s_(plan_.limit_found_per_day * settings.compression / 86'400),
      tolerated_share_(settings.memory.tolerate / settings.memory.fail),
      blocks_(plan_.minute_s / 6),
      minutes_(static_cast<long>(std::lround(plan_.first_look_s / plan_.minute_s))) {
  verdict_.metric = Metric::memory;
  verdict_.signal = "rss";
  verdict_.verdict = Verdict::inconclusive;  // until a look decides
  verdict_.limit = settings.memory.fail;
  verdict_.tolerated = settings.memory.tolerate;
}

double RssDrift::start_s() const {
  return start_minutes * plan_.later * plan_.minute_s;
}

void RssDrift::look() {
  const double now_s = next_look_s(), now = static_cast<double>(minutes_);
  minutes_ += std::max(1L, static_cast<long>(now / last_window_ends));
  if (verdict_.verdict == Verdict::fail) return;
  const Estimate current = estimate(now_s);
  // A verdict keeps the numbers it rests on.
  if (!verdict_.decided_at_s) show(current);

  const double drawdown = blocks_.drawdown(start_s(), now_s);
  last_growth_ = Growth::unseen;
  const auto consider = [&](double minutes) {
    if (minutes < window_share * now || now - minutes < start_minutes * plan_.later) return;
    last_growth_ = std::min(last_growth_, growth_over(minutes * plan_.minute_s, now_s, drawdown));
  };
  for (const double minutes : windows_minutes) consider(minutes);
  if (now > last_window_ends) consider(window_share * now);
  looks_running_ = last_growth_ == Growth::regular ? looks_running_ + 1 : 0;
  if (looks_running_ >= looks_to_fail && current.low > verdict_.tolerated && now_s >= settings_.settle_s)
    return decide(Verdict::fail, current, "RSS grows by like amounts, piece after piece");
  if (within_limit(current)) return decide(Verdict::pass, current, "RSS levels off");
  judge_troughs(now_s, drawdown);
}

// A leak grows alike in every piece; what fills, warms up or breathes does not.
RssDrift::Growth RssDrift::growth_over(double window_s, double now_s, double drawdown) const {
  constexpr int pieces = 8;
  const double piece_s = window_s / pieces;
  std::array<double, pieces> z{};
  for (int i = 0; i < pieces; ++i) {
    z[i] = blocks_.min_over(now_s - window_s + i * piece_s, now_s - window_s + (i + 1) * piece_s);
    if (std::isnan(z[i])) return Growth::unseen;
  }
  std::array<double, pieces - 1> rates{};
  for (int i = 0; i + 1 < pieces; ++i) rates[i] = (z[i + 1] - z[i]) / piece_s / limit_per_s_;
  std::sort(rates.begin(), rates.end());
  const double middle = (rates[1] + rates[2] + rates[3] + rates[4] + rates[5]) / 5;
  const double fails =
      tolerated_share_ + 0.4 * (1 - tolerated_share_);  // 0.7 where half the limit is tolerated
  if (rates[2] < fails || middle < fails) return Growth::too_slow;

  const auto minima = blocks_.minima(std::max(start_s(), now_s - 1.5 * window_s), now_s, blocks_in_30_s);
  const auto plain = fit_line(minima, 0);
  if (!plain) return Growth::unseen;
  const double slope = std::min(plain->slope, least_slope_beside_warmup(minima, now_s, 5 * plan_.minute_s));
  if (slope / limit_per_s_ < tolerated_share_ + 0.2 * (1 - tolerated_share_)) return Growth::bends;

  if (drawdown < 0.3 * (z.back() - z.front())) return Growth::regular;
  const double tooth = std::max(drawdown / 3, noise_pages * settings_.page_bytes);
  for (int i = 0; i < pieces; ++i)
    if (blocks_.largest_drop(now_s - window_s + i * piece_s, now_s - window_s + (i + 1) * piece_s,
                             blocks_in_30_s) < tooth)
      return Growth::falls_back;
  return Growth::regular;
}

bool RssDrift::within_limit(const Estimate& estimate) const {
  const double now_s = estimate.now_s;
  if (plan_.limit_found_per_day > settings_.memory.fail)
    return false;  // a leak at the limit could not show yet
  const double minute = plan_.minute_s;
  const auto growth = [&](double from_s, double to_s, double over_s) {
    return (blocks_.min_over(to_s - over_s, to_s) - blocks_.min_over(from_s, from_s + over_s)) /
           (to_s - from_s - over_s) / limit_per_s_;
  };
  const double quarter = (now_s - now_s / 3) / 4;
  const double slow = std::max(0.45, 0.9 * tolerated_share_), slower = std::max(0.40, 0.8 * tolerated_share_);
  return below(growth(settled_minutes * plan_.later * minute, now_s, minute), slow) &&
         below(growth(now_s / 3, now_s, minute), slow) && below(growth(now_s / 3, now_s, quarter), slow) &&
         below(growth(now_s / 2, now_s, minute), slower) && sees_limit(estimate);
}

void RssDrift::judge_troughs(double now_s, double drawdown) {
  const double height = std::max(noise_pages * settings_.page_bytes, drawdown / 3);
  const auto lows = troughs(blocks_.minima(start_s(), now_s, 1), height);
  if (lows.size() < 5 || lows.back().time_s - lows.front().time_s < trough_span_minutes * plan_.minute_s)
    return;
  const auto line = fit_trend(lows);
  if (!line) return;
  const auto slopes = pair_slopes(lows);
  const double high = quantile(slopes, 0.9), half = independent_half_width(*line, confidence);
  // Four fifths of the pair slopes are no 99 % interval where troughs are few: the wider of the two counts.
  const double low = std::min(quantile(slopes, 0.1), line->slope - half);
  const double per_day = 86'400 / settings_.compression;
  const Estimate floor{now_s, quantile(slopes, 0.5) * per_day, low * per_day,
                       std::max(high, line->slope + half) * per_day};
  const double span_s = lows.back().time_s - lows.front().time_s;
  if (low > tolerated_share_ * limit_per_s_ && now_s >= settings_.settle_s &&
      at_least(least_slope_beside_warmup(lows, now_s, 5 * plan_.minute_s),
               0.6 * tolerated_share_ * limit_per_s_) &&
      line->slope * span_s >= 7 * line->residual_spread) {
    decide(Verdict::fail, floor, "the floor of RSS's sawtooth rises");
  } else if (plan_.limit_found_per_day <= settings_.memory.fail &&
             high <= (tolerated_share_ + 0.2 * (1 - tolerated_share_)) * limit_per_s_ && sees_limit(floor)) {
    decide(Verdict::pass, floor, "the floor of RSS's sawtooth stays");
  }
}

RssDrift::Estimate RssDrift::estimate(double now_s) const {
  const auto line = fit_line(blocks_.minima(now_s / 2, now_s, blocks_in_30_s), settings_.page_bytes);
  if (!line) return {now_s, missing, missing, missing};
  const double per_day = 86'400 / settings_.compression;
  const double drift = line->slope * per_day, half = half_width(*line, confidence) * per_day;
  return {now_s, drift, drift - half, drift + half};
}

void RssDrift::show(const Estimate& estimate) {
  if (std::isnan(estimate.drift)) return;
  verdict_.drift_per_day = estimate.drift;
  verdict_.low = estimate.low;
  verdict_.high = estimate.high;
  verdict_.smallest_found_per_day = smallest_found(estimate);
}

// A pass may not print an interval that holds the limit, nor that it would have overlooked the limit.
bool RssDrift::sees_limit(const Estimate& estimate) const {
  return below(estimate.high, verdict_.limit) && smallest_found(estimate) <= verdict_.limit;
}

// The rule asks for 0.7 of the limit in most pieces, and for an interval above what is tolerated.
double RssDrift::smallest_found(const Estimate& estimate) const {
  return std::max((tolerated_share_ + 0.4 * (1 - tolerated_share_)) * plan_.limit_found_per_day,
                  verdict_.tolerated + (estimate.high - estimate.low) / 2);
}

void RssDrift::decide(Verdict verdict, const Estimate& estimate, std::string reason) {
  if (verdict_.verdict == verdict) return;
  show(estimate);
  verdict_.verdict = verdict;
  verdict_.decided_at_s = estimate.now_s;
  verdict_.reason = std::move(reason);
}

void RssDrift::conclude(double end_s) {
  if (verdict_.decided_at_s) return;
  const bool seen = blocks_.complete(end_s) > 0;
  verdict_.verdict = seen || settings_.memory.asked ? Verdict::inconclusive : Verdict::not_judged;
  if (!seen)
    verdict_.reason = "no samples of rss_bytes";
  else if (end_s < plan_.first_look_s)
    verdict_.reason = "ended before the first look";
  else if (end_s < settings_.settle_s)
    verdict_.reason = "ended before settle";
  else if (last_growth_ == Growth::bends)
    verdict_.reason = "grows, but still bends like a warm-up";
  else if (last_growth_ == Growth::falls_back)
    verdict_.reason = "grows, but falls back between";
  else if (last_growth_ == Growth::unseen)
    verdict_.reason = "samples are missing, or fewer than its blocks of time";
  else if (plan_.limit_found_per_day > settings_.memory.fail)
    verdict_.reason = "too short for its limit";
  else
    verdict_.reason = "grows too unevenly to fail and too much to pass";
}

}  // namespace soakline
