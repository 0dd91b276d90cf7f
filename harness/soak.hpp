// One soak from start to verdict: services and target, load, samples, judge, evidence.
#pragma once

#include <functional>
#include <memory>

#include "harness/observer.hpp"
#include "harness/scenario.hpp"

namespace soakline {

struct SoakRun {
  RunInfo info;
  RunResult result;
};

// Runs one variant to its verdict and leaves a folder behind. `interrupted` is asked several times a second
// at most and ends the run cleanly with what there is. Failures of target, service, load and disk come back
// as an invalid result; ScenarioError is thrown for a mistake of the user's, and then there is no folder.
SoakRun run_soak(const Scenario& scenario, Observer& observer, const std::function<bool()>& interrupted);

}  // namespace soakline
