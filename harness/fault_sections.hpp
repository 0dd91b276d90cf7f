// [[faults]] of a scenario file; ScenarioError with file, line, key and fix.
#pragma once

#include "harness/scenario.hpp"
#include "harness/strict_table.hpp"

namespace soakline {

// Needs target, services, load and durations of `scenario`.
void parse_faults(StrictTable& top, Scenario& scenario);

}  // namespace soakline
