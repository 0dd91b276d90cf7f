// [load] of the kinds http and command; ScenarioError with file, line, key and fix.
#pragma once

#include "harness/scenario.hpp"
#include "harness/strict_table.hpp"

namespace soakline {

void parse_http(StrictTable& load, Scenario& scenario);
void parse_load_program(StrictTable& load, LoadProgram& program);

}  // namespace soakline
