#include "harness/fuzz/entries.hpp"
#include "harness/judge/judge.hpp"
#include "harness/rejudge.hpp"
#include "harness/samples_csv.hpp"

namespace soakline {

bool judge_samples(std::string_view text) {
  RecordedRun run;
  try {
    run.recording = recording_of(parse_samples(text, "samples.csv"));
  } catch (const ScenarioError&) {
    return false;
  }
  judge_recording(run.recording, JudgeSettings{});
  apply_overrides(run, {});
  rejudge(run);
  return true;
}

}  // namespace soakline
