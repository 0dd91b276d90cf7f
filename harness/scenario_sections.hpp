// The sections of a scenario file, one function each; all raise ScenarioError with file, line, key and fix.
#pragma once

#include "harness/scenario.hpp"
#include "harness/strict_table.hpp"

namespace soakline {

void parse_target(StrictTable& top, Target& target);
Service parse_service(StrictTable& service);
Command parse_command(StrictTable& owner);
void parse_pace(StrictTable& traffic, Scenario& scenario);  // rate, closed, arrivals, shape and payload
void parse_load(StrictTable& load, Scenario& scenario);     // needs compression and operations_per_day
void parse_evidence(StrictTable& evidence, EvidencePlan& plan);
void parse_limits(StrictTable& limits, JudgeSettings& settings);

// Names become parts of file names.
bool is_plain_name(std::string_view name);

}  // namespace soakline
