// Runs in the OpenMetrics text format, for a Prometheus textfile collector or a push gateway.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// Gauges of drift, interval and limits per production day (bytes or counts), states of verdict and outcome.
// Runs of the same variant differ in the label "run", their folder's name.
std::string openmetrics_report(const std::vector<RecordedRun>& runs);

}  // namespace soakline
