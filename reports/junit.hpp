// Runs as JUnit XML, for whatever shows tests in CI.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// A testsuite per scenario, a testcase per variant and metric, and one for the baseline where it was
// compared. Red or green is by outcome: a caught control is a success, inconclusive and invalid are errors of
// that type.
std::string junit_report(const std::vector<RecordedRun>& runs);

}  // namespace soakline
