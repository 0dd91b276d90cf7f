#include "harness/judge/sawtooth.hpp"

#include <algorithm>

#include "harness/judge/memory_plan.hpp"
#include "harness/judge/regression.hpp"
#include "harness/judge/troughs.hpp"

namespace soakline {
namespace {
// Figures from "RSS alone: what a second study found" (docs/judge.md).
constexpr std::size_t least_troughs = 5;
constexpr double least_span_minutes = 25;
constexpr double confidence = 0.99;
// Of the way from what is tolerated to the limit, as of chunks: by that an allocator's creep may raise a
// floor.
constexpr double creep = 0.3;
}  // namespace

std::optional<Assessment> judge_sawtooth(std::span<const Point> minima, const Sawtooth& sawtooth,
                                         const JudgeSettings& settings) {
  const auto lows = troughs(minima, sawtooth.height);
  if (lows.size() < least_troughs) return std::nullopt;
  const double span_s = lows.back().time_s - lows.front().time_s;
  if (span_s < least_span_minutes * sawtooth.minute_s) return std::nullopt;
  const auto line = fit_trend(lows);
  if (!line) return std::nullopt;
  const auto slopes = pair_slopes(lows);
  const double high = quantile(slopes, 0.9), half = independent_half_width(*line, confidence);
  // Four fifths of the pair slopes are no 99 % interval where troughs are few: the wider of the two counts.
  const double low = std::min(quantile(slopes, 0.1), line->slope - half);
  const double per_day = 86'400 / settings.compression;
  Assessment floor;
  floor.estimate = {quantile(slopes, 0.5) * per_day, low * per_day,
                    std::max(high, line->slope + half) * per_day};
  const double tolerated_share = settings.memory.tolerate / settings.memory.fail;
  const double tolerated = tolerated_share * sawtooth.limit_per_s;
  if (shows_what_settled(span_s, lows.back().time_s, settings) &&
      low > tolerated + creep * (sawtooth.limit_per_s - tolerated) &&
      least_slope_beside_warmup(lows, lows.back().time_s, 5 * sawtooth.minute_s) >= 0.6 * tolerated &&
      line->slope * span_s >= 7 * line->residual_spread)
    floor.verdict = Verdict::fail;
  else if (high <= (tolerated_share + 0.2 * (1 - tolerated_share)) * sawtooth.limit_per_s)
    floor.verdict = Verdict::pass;
  return floor;
}

}  // namespace soakline
