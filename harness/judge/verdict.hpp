// What a judge is asked and what it answers: limits, settings, verdicts metric by metric.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soakline {

enum class Metric { memory, threads, descriptors, cpu };
inline constexpr std::array all_metrics = {Metric::memory, Metric::threads, Metric::descriptors, Metric::cpu};

// not_judged: nothing was asked of this metric and nothing was found out.
enum class Verdict { pass, fail, inconclusive, invalid, not_judged };

// When a run ends before its time: once every metric is decided, once what must fail has failed, or never.
enum class Stop { decided, fail, never };

// What a curve looks like.
enum class Shape { flat, warming_up, step, sawtooth, linear, accelerating, per_operation };

std::string_view name_of(Metric metric);
std::string_view name_of(Verdict verdict);
std::string_view name_of(Stop stop);
std::string_view name_of(Shape shape);
std::optional<Metric> metric_named(std::string_view name);
std::optional<Verdict> verdict_named(std::string_view name);
std::optional<Stop> stop_named(std::string_view name);
std::optional<Shape> shape_named(std::string_view name);

// Drift per production day, in bytes or in a count: at `fail` a run must fail, up to `tolerate` it must not.
struct Limit {
  double fail = 0;
  double tolerate = 0;
  bool asked = false;  // someone wrote it down: missing data is then inconclusive, not merely "not judged"
};

// Durations are seconds of the soak; compression is production days a soak day stands for.
struct JudgeSettings {
  double time_s = 7200;
  double warmup_s = 900;
  double age_s = 300;
  double settle_s = 600;
  double compression = 1;
  double page_bytes = 4096;
  Limit memory{90e6, 45e6};
  Limit threads{24, 12};
  Limit descriptors{24, 12};
  Stop stop = Stop::decided;
  std::optional<double> operations_per_day;  // in production, where known
  std::string collected_by;       // the runtime whose collector owns the heap, empty where malloc does
  std::vector<Metric> must_fail;  // what the variant, a control, is expected to fail on

  const Limit& limit(Metric metric) const;
  Limit& limit(Metric metric);
};

struct Interval {
  double value = 0, low = 0, high = 0;
};

// Growth where the load changed during the run: bytes an operation, bytes a production hour without any, and
// both together on a production day of so many operations as are known to be usual.
struct GrowthParts {
  Interval per_operation, per_idle_hour;
  std::optional<Interval> per_day;
};

// Drifts are per production day, bytes for memory and counts for the others, with a 99 % interval.
struct MetricVerdict {
  Metric metric = Metric::memory;
  Verdict verdict = Verdict::not_judged;
  std::string signal;  // the column that decided: "rss", "identities", "counts"
  std::optional<double> drift_per_day, low, high;
  double limit = 0;
  double tolerated = 0;
  std::optional<double> smallest_found_per_day;
  std::optional<double> decided_at_s;
  std::optional<Shape> shape;        // of the whole run's curve, once it is over
  std::optional<GrowthParts> parts;  // of memory
  std::string reason;
  std::optional<double> settle_s = {};  // the owner's promise that a fail of memory rests on
};

}  // namespace soakline
