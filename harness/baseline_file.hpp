// baselines/<scenario>.<variant>.json: accepted runs, kept in git beside the scenario.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

std::filesystem::path baseline_path(const std::filesystem::path& scenario_file, const std::string& scenario,
                                    const std::string& variant);

// Writes the baseline from runs of one scenario, variant and environment; ScenarioError where they are not.
// Returns where it was written.
std::filesystem::path accept_runs(const std::vector<RecordedRun>& runs,
                                  const std::filesystem::path& scenario_file);

// Holds a run against the accepted ones; status "none" without a baseline.
BaselineComparison compare_with_baseline(const std::filesystem::path& file, const RunInfo& info,
                                         const Recording& recording);

}  // namespace soakline
