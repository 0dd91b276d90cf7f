// What the load's own account has to say of a run: whether it can be believed, and what was lost.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/run_record.hpp"

namespace soakline {

// `account` is the last that the load said of itself, null if it said nothing. A load that says it was none
// makes a run invalid that would pass otherwise; what was lost, doubled or damaged without a reason is said.
// The outcome is not touched.
void apply_load(RunResult& result, const nlohmann::json& account);

}  // namespace soakline
