// run.json and the object of --json: runs and verdicts to JSON and back.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/run_record.hpp"
#include "harness/scenario.hpp"

namespace soakline {

nlohmann::json to_json(const Limit& limit);
nlohmann::json to_json(const JudgeSettings& settings);
nlohmann::json to_json(const MetricVerdict& metric);
nlohmann::json to_json(const Evidence& evidence);
nlohmann::json to_json(const RunInfo& info);
nlohmann::json to_json(const RunResult& result);

// What --json prints for a run: the design's object, metrics and evidence worst first.
nlohmann::json summary_json(const RunInfo& info, const RunResult& result);

// The scenario as resolved, for whoever reads run.json later.
nlohmann::json resolved_json(const Scenario& scenario);

// Back from run.json; nlohmann's exceptions where something is missing or of another type.
RunInfo run_info_from(const nlohmann::json& json);
RunResult run_result_from(const nlohmann::json& json);

}  // namespace soakline
