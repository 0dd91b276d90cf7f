// Flags that several verbs share, and the SOAKLINE_* variables that stand for them.
#pragma once

#include <CLI/CLI.hpp>

#include "harness/scenario_file.hpp"

namespace soakline {

// Durations, limits and stop: what `judge` takes as well as `run` and `attach`.
void add_judge_flags(CLI::App& verb, Overrides& overrides);

// The rest of what sets up a run.
void add_run_flags(CLI::App& verb, Overrides& overrides);

}  // namespace soakline
