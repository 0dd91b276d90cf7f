// Runs as Markdown, for the summary page of a CI job or a comment on a change.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// One table over all runs, worst first, then what is worth a second look: failures, regressions, what grew.
std::string markdown_report(const std::vector<RecordedRun>& runs);

}  // namespace soakline
