#include "harness/run_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/judge/comparison.hpp"
#include "harness/judge/judge.hpp"
#include "harness/judge/level_difference.hpp"
#include "harness/outcome.hpp"
#include "harness/rejudge.hpp"
#include "harness/scenario.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

// What tells the base from the new run: its scenario, its variant, or its program.
std::string name_of_base(const RecordedRun& base, const RecordedRun& next) {
  if (base.info.scenario != next.info.scenario)
    return fmt::format("{} ({})", base.info.scenario.empty() ? "samples" : base.info.scenario,
                       base.info.variant);
  if (base.info.variant != next.info.variant) return base.info.variant;
  return base.info.command == next.info.command || base.info.command.empty() ? "an earlier run"
                                                                             : base.info.command.front();
}

// Differences that a comparison is made for, or in spite of: said, not refused.
std::string caution(const RecordedRun& base, const RecordedRun& next) {
  std::string text;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  if (base.info.scenario != next.info.scenario) add("these are two different scenarios");
  for (const char* key : {"kernel", "cores", "cpu model", "libc", "load"}) {
    const auto of = [&](const RecordedRun& run) {
      const auto found = run.info.environment.find(key);
      return found == run.info.environment.end() ? "" : found->second;
    };
    if (of(base) != of(next))
      add(fmt::format("another {} ('{}', the base had '{}')", key, of(next), of(base)));
  }
  for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors})
    if (base.info.settings.limit(metric).fail != next.info.settings.limit(metric).fail)
      add(fmt::format("another limit of {}: the new run's counts", name_of(metric)));
  const double base_s = base.recording.end_s(), next_s = next.recording.end_s();
  if (std::max(base_s, next_s) > 1.1 * std::min(base_s, next_s))
    add(fmt::format("only the first {} are compared: the base lasted {}, the new run {}",
                    format_duration(std::min(base_s, next_s)), format_duration(base_s),
                    format_duration(next_s)));
  return text;
}

}  // namespace

void RunComparison::conclude(Verdict verdict, std::string message) {
  if (verdict == Verdict::invalid || result.verdict != Verdict::fail) result.verdict = verdict;
  result.message = std::move(message);
  result.outcome = outcome_of(result.verdict, result.metrics, {});
  result.exit = exit_code(result.outcome);
}

RunComparison compare_runs(RecordedRun base, RecordedRun next) {
  for (RecordedRun* run : {&base, &next}) apply_overrides(*run, {});
  if (base.info.settings.compression != next.info.settings.compression)
    throw ScenarioError(fmt::format(
        "the base ran at ×{:g} and the new run at ×{:g}: their minutes stand for different times; run "
        "both with one profile",
        base.info.settings.compression, next.info.settings.compression));
  RunComparison comparison{next.info, {}};
  JudgeSettings& settings = comparison.info.settings;
  settings.warmup_s = std::max(settings.warmup_s, base.info.settings.warmup_s);
  settings.must_fail.clear();  // what a control is expected to do alone says nothing of a difference
  comparison.info.variant = fmt::format("{} against {}", next.info.variant, name_of_base(base, next));

  RunResult& result = comparison.result;
  const RunResult of_base = rejudge(base), of_next = rejudge(next);
  result.metrics = compare({base.recording, of_base.metrics}, {next.recording, of_next.metrics}, settings);
  result.ended_at_s = std::min(base.recording.end_s(), next.recording.end_s());
  result.message = caution(base, next);
  result.verdict = worst(result.metrics);
  result.baseline.status = "base";
  result.baseline.runs = 1;
  for (const LevelDifference& level : compare_levels(base.recording, next.recording, settings))
    result.baseline.quantities.push_back({level.quantity, level.unit, level.next, level.base, level.low,
                                          level.high, level.more ? Verdict::fail : Verdict::pass});
  apply_baseline(result);
  if (result.verdict == Verdict::not_judged) result.verdict = Verdict::inconclusive;
  comparison.conclude(result.verdict, result.message);
  for (const auto& [run, who] : {std::pair{&of_base, "the base"}, std::pair{&of_next, "the new run"}})
    if (run->verdict == Verdict::invalid)
      comparison.conclude(Verdict::invalid, fmt::format("{} is invalid: {}", who, run->message));
  return comparison;
}

}  // namespace soakline
