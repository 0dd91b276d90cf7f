// Pages to read on a phone, in the dark or on paper: one run with its plots, and a list of all runs of a
// folder.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// One self-contained page, report.html: no script, nothing loaded from elsewhere, no absolute path.
std::string html_report(const RecordedRun& run);

// index.html beside the runs' folders, newest first; each row leads to its folder's report.html.
std::string html_index(const std::vector<RecordedRun>& runs);

}  // namespace soakline
