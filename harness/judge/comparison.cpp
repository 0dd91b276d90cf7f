#include "harness/judge/comparison.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

MetricVerdict difference(const MetricVerdict& base, const MetricVerdict& next) {
  MetricVerdict result;
  result.metric = next.metric;
  result.signal = next.signal;
  result.limit = next.limit;
  result.tolerated = next.tolerated;
  if (!base.low || !next.low) {
    const bool asked = base.verdict != Verdict::not_judged || next.verdict != Verdict::not_judged;
    result.verdict = asked ? Verdict::inconclusive : Verdict::not_judged;
    result.reason = "a run has no estimate";
    return result;
  }
  const double d = *next.drift_per_day - *base.drift_per_day;
  result.drift_per_day = d;
  result.low = d - std::hypot(*next.drift_per_day - *next.low, *base.high - *base.drift_per_day);
  result.high = d + std::hypot(*next.high - *next.drift_per_day, *base.drift_per_day - *base.low);
  result.smallest_found_per_day = next.tolerated + (*result.high - *result.low) / 2;
  if (*result.low > next.tolerated) {
    result.verdict = Verdict::fail;
    result.reason = "drifts more than the base";
  } else if (*result.high < next.limit ||
             (next.metric != Metric::memory && next.verdict == Verdict::pass && d <= 0)) {
    // A run too short to count below its limit passes when none was kept: so does its comparison.
    result.verdict = Verdict::pass;
    result.reason = "drifts no more than the base";
  } else {
    result.verdict = Verdict::inconclusive;
    result.reason = "the difference is too uncertain";
  }
  return result;
}

}  // namespace

std::vector<MetricVerdict> compare(const std::vector<MetricVerdict>& base,
                                   const std::vector<MetricVerdict>& next) {
  std::vector<MetricVerdict> differences;
  for (const MetricVerdict& metric : next) {
    const auto same =
        std::find_if(base.begin(), base.end(), [&](const auto& m) { return m.metric == metric.metric; });
    if (same != base.end()) differences.push_back(difference(*same, metric));
  }
  return differences;
}

}  // namespace soakline
