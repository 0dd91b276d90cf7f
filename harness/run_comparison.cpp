#include "harness/run_comparison.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/judge/comparison.hpp"
#include "harness/judge/judge.hpp"
#include "harness/outcome.hpp"
#include "harness/rejudge.hpp"
#include "harness/scenario.hpp"

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
  return text;
}

}  // namespace

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
  const auto of_base = rejudge(base).metrics, of_next = rejudge(next).metrics;
  result.metrics = compare({base.recording, of_base}, {next.recording, of_next}, settings);
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
  result.outcome = outcome_of(result.verdict, result.metrics, {});
  result.exit = exit_code(result.outcome);
  return comparison;
}

}  // namespace soakline
