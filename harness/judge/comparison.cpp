#include "harness/judge/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/judge/blocks.hpp"
#include "harness/judge/chunk_drift.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/judge/regression.hpp"

namespace soakline {
namespace {

constexpr double confidence = 0.99;
constexpr std::size_t blocks_in_30_s = 3;
constexpr double longest_hole_minutes = 5;  // of the plan; walks of a heap come about once in one
// Of the way from what is tolerated to the limit: what malloc adds to each block, 6 % in calibration, is no
// drift of the program's.
constexpr double overhead = 0.1;

std::vector<Point> minima(const Recording& run, const JudgeSettings& settings, double end_s) {
  Blocks blocks(plan_memory(settings).minute_s / 6);
  for (std::size_t i = 0; i < run.rss_bytes.size(); ++i) blocks.add(run.time_s[i], run.rss_bytes[i]);
  return blocks.minima(settings.warmup_s, end_s, blocks_in_30_s);
}

std::vector<Point> walked(const Recording& run) {
  std::vector<Point> bytes;
  for (const ChunkWalk& walk : run.chunk_walks)
    bytes.push_back({walk.time_s, bytes_of(walk, run.chunk_classes_bytes)});
  return bytes;
}

// RSS less what its heaps hold, in use and free, where they were walked.
std::vector<Point> outside_the_heap(const Recording& run) {
  std::vector<Point> bytes;
  std::size_t row = 0;
  for (const ChunkWalk& walk : run.chunk_walks) {
    while (row < run.time_s.size() && run.time_s[row] < walk.time_s) ++row;
    if (row >= std::min(run.rss_bytes.size(), run.heap_slack_bytes.size())) break;
    const double rest =
        run.rss_bytes[row] - bytes_of(walk, run.chunk_classes_bytes) - run.heap_slack_bytes[row];
    if (!std::isnan(rest)) bytes.push_back({walk.time_s, rest});
  }
  return bytes;
}

// Whether no stretch of [from_s, to_s] is without points: what is missing could hide anything.
bool covers(const std::vector<Point>& points, double from_s, double to_s, double longest_hole_s) {
  double seen_s = from_s;
  for (const Point& point : points) {
    if (point.time_s > to_s) break;
    if (point.time_s - seen_s > longest_hole_s) return false;
    seen_s = std::max(seen_s, point.time_s);
  }
  return to_s - seen_s <= longest_hole_s;
}

// At the times of `next` inside [from_s, to_s]; between two points of `base`, on the straight line.
std::vector<Point> difference(const std::vector<Point>& base, const std::vector<Point>& next, double from_s,
                              double to_s) {
  std::vector<Point> points;
  for (const auto& [time_s, value] : next) {
    const auto after = std::lower_bound(base.begin(), base.end(), time_s,
                                        [](const Point& p, double t) { return p.time_s < t; });
    if (time_s < from_s || time_s > to_s || after == base.end()) continue;
    if (after == base.begin() && after->time_s > time_s) continue;
    const auto before = after->time_s == time_s ? after : after - 1;
    const double share = before == after ? 0 : (time_s - before->time_s) / (after->time_s - before->time_s);
    points.push_back({time_s, value - (before->value + share * (after->value - before->value))});
  }
  return points;
}

void judge_difference(MetricVerdict& result) {
  const bool memory = result.metric == Metric::memory;
  const double fails = result.tolerated + (memory ? overhead * (result.limit - result.tolerated) : 0);
  result.smallest_found_per_day = fails + (*result.high - *result.low) / 2;
  if (*result.low > fails) {
    result.verdict = Verdict::fail;
    result.reason = "drifts more than the base";
  } else if (*result.high < result.limit) {
    result.verdict = Verdict::pass;
    result.reason = "drifts no more than the base";
  } else {
    result.verdict = Verdict::inconclusive;
    result.reason = "the difference is too uncertain";
  }
}

MetricVerdict without_estimate(const MetricVerdict& base, const MetricVerdict& next, const char* reason) {
  MetricVerdict result;
  result.metric = next.metric;
  result.signal = next.signal;
  result.limit = next.limit;
  result.tolerated = next.tolerated;
  const bool asked = base.verdict != Verdict::not_judged || next.verdict != Verdict::not_judged;
  result.verdict = asked ? Verdict::inconclusive : Verdict::not_judged;
  result.reason = reason;
  return result;
}

std::optional<MetricVerdict> by_curves(const char* signal, const std::vector<Point>& curve,
                                       const JudgeSettings& settings) {
  const auto line = fit_line(curve, settings.page_bytes);
  if (!line) return std::nullopt;
  const double per_day = 86'400 / settings.compression, half = half_width(*line, confidence);
  MetricVerdict result;
  result.metric = Metric::memory;
  result.signal = signal;
  result.limit = settings.memory.fail;
  result.tolerated = settings.memory.tolerate;
  result.drift_per_day = line->slope * per_day;
  result.low = (line->slope - half) * per_day;
  result.high = (line->slope + half) * per_day;
  judge_difference(result);
  return result;
}

int severity(Verdict verdict) {
  return verdict == Verdict::fail ? 2 : verdict == Verdict::inconclusive ? 1 : 0;
}

MetricVerdict compare_memory(const ComparedRun& base, const ComparedRun& next, const MetricVerdict& of_base,
                             const MetricVerdict& of_next, const JudgeSettings& settings) {
  const double from_s = settings.warmup_s, to_s = std::min(base.recording.end_s(), next.recording.end_s());
  const double hole_s = longest_hole_minutes * plan_memory(settings).minute_s;
  const auto of = [&](const char* signal, const std::vector<Point>& before,
                      const std::vector<Point>& now) -> std::optional<MetricVerdict> {
    if (!covers(before, from_s, to_s, hole_s) || !covers(now, from_s, to_s, hole_s)) return std::nullopt;
    return by_curves(signal, difference(before, now, from_s, to_s), settings);
  };
  const auto chunks = of("chunks, new less base", walked(base.recording), walked(next.recording));
  const auto rest = of("rss outside the heap, new less base", outside_the_heap(base.recording),
                       outside_the_heap(next.recording));
  if (chunks && rest) return severity(rest->verdict) > severity(chunks->verdict) ? *rest : *chunks;
  const auto rss = of("rss, new less base", minima(base.recording, settings, to_s),
                      minima(next.recording, settings, to_s));
  return rss ? *rss
             : without_estimate(of_base, of_next,
                                "samples are missing, or a run did not last well beyond its warm-up");
}

MetricVerdict compare_rates(const MetricVerdict& base, const MetricVerdict& next) {
  MetricVerdict result = without_estimate(base, next, "a run has no estimate");
  if (!base.low || !next.low) return result;
  const double d = *next.drift_per_day - *base.drift_per_day;
  result.drift_per_day = d;
  result.low = d - std::hypot(*next.drift_per_day - *next.low, *base.high - *base.drift_per_day);
  result.high = d + std::hypot(*next.high - *next.drift_per_day, *base.drift_per_day - *base.low);
  judge_difference(result);
  // A run too short to count below its limit passes when none was kept: so does the comparison of two.
  const bool both_pass = base.verdict == Verdict::pass && next.verdict == Verdict::pass;
  if (result.verdict == Verdict::inconclusive && both_pass && d <= 0) {
    result.verdict = Verdict::pass;
    result.reason = "drifts no more than the base";
  }
  return result;
}

}  // namespace

std::vector<MetricVerdict> compare(const ComparedRun& base, const ComparedRun& next,
                                   const JudgeSettings& settings) {
  std::vector<MetricVerdict> differences;
  for (const MetricVerdict& metric : next.metrics) {
    const auto same = std::find_if(base.metrics.begin(), base.metrics.end(),
                                   [&](const auto& m) { return m.metric == metric.metric; });
    if (same == base.metrics.end() || metric.metric == Metric::cpu) continue;
    differences.push_back(metric.metric == Metric::memory
                              ? compare_memory(base, next, *same, metric, settings)
                              : compare_rates(*same, metric));
  }
  return differences;
}

}  // namespace soakline
