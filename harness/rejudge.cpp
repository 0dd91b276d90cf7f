#include "harness/rejudge.hpp"

#include <algorithm>

#include "harness/judge/judge.hpp"
#include "harness/outcome.hpp"

namespace soakline {

void apply_overrides(RecordedRun& run, const Overrides& overrides) {
  JudgeSettings& settings = run.info.settings;
  const bool bare = run.info.folder.empty();
  const auto choose = [](const std::optional<double>& flag, double otherwise) {
    return flag.value_or(otherwise);
  };
  settings.time_s = choose(overrides.time_s, bare ? run.recording.end_s() : settings.time_s);
  settings.warmup_s = choose(overrides.warmup_s, bare ? settings.time_s / 8 : settings.warmup_s);
  settings.age_s = choose(overrides.age_s, bare ? std::min(300.0, settings.warmup_s / 3) : settings.age_s);
  settings.settle_s =
      choose(overrides.settle_s, bare ? std::min(600.0, settings.time_s / 3) : settings.settle_s);
  settings.compression = choose(overrides.compression, settings.compression);
  settings.stop = overrides.stop.value_or(settings.stop);
  for (const auto& [metric, limit] : overrides.limits) settings.limit(metric) = limit;
}

RunResult rejudge(const RecordedRun& run) {
  Judge judge(run.info.settings);
  judge.advance(run.recording, run.recording.end_s());
  judge.conclude(run.recording);
  RunResult result;
  if (run.result) result = *run.result;  // evidence, baseline and message stay those of the live run
  result.metrics = judge.metrics();
  const auto died = [](const Event& event) { return event.kind == "died"; };
  if (std::any_of(run.events.begin(), run.events.end(), died))
    fail_what_drifted_until_death(result.metrics, run.recording.end_s());
  result.ended_at_s = run.recording.end_s();
  result.decided_at_s = judge.finished_at_s();
  const bool was_invalid = run.result && run.result->verdict == Verdict::invalid;
  result.verdict = worst(result.metrics);
  apply_baseline(result);
  if (was_invalid && result.verdict != Verdict::fail) result.verdict = Verdict::invalid;
  if (result.verdict == Verdict::not_judged) result.verdict = Verdict::inconclusive;
  if (!run.result)
    result.message =
        run.info.folder.empty() ? "" : "the run was cut off or still runs; judged on what it has recorded";
  result.outcome = outcome_of(result.verdict, result.metrics, run.info.settings.must_fail);
  result.exit = exit_code(result.outcome);
  return result;
}

}  // namespace soakline
