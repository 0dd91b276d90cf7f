// The files a finished run leaves for people and for CI: report.html, junit.xml, and the index over all runs.
#pragma once

#include <filesystem>

#include "harness/run_record.hpp"

namespace soakline {

// A report that cannot be written costs no verdict: returns what went wrong, "" if nothing did.
std::string write_reports(const std::filesystem::path& folder);
std::string write_index(const std::filesystem::path& out);

}  // namespace soakline
