#include "harness/fuzz/entries.hpp"
#include "harness/judge/judge.hpp"
#include "harness/rejudge.hpp"
#include "harness/samples_csv.hpp"

namespace soakline {
namespace {
// A year between two rows costs the judge a second of looks, in which a fuzzer tries thousands of other
// files.
constexpr double longest_judged_s = 10 * 86'400.0;
}  // namespace

bool judge_samples(std::string_view text) {
  RecordedRun run;
  try {
    run.recording = recording_of(parse_samples(text, "samples.csv"));
  } catch (const ScenarioError&) {
    return false;
  }
  if (run.recording.end_s() > longest_judged_s) return true;
  judge_recording(run.recording, JudgeSettings{});
  apply_overrides(run, {});
  rejudge(run);
  return true;
}

}  // namespace soakline
