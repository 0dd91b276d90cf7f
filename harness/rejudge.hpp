// A recorded run judged again: the looks of a live run, replayed; nothing is started.
#pragma once

#include "harness/run_record.hpp"
#include "harness/scenario_file.hpp"

namespace soakline {

// Durations, limits and stop of `overrides` replace those the run had; a bare samples file gets defaults for
// its length.
void apply_overrides(RecordedRun& run, const Overrides& overrides);

// The verdict of what is recorded. A run that was invalid stays so unless its drift shows.
RunResult rejudge(const RecordedRun& run);

}  // namespace soakline
