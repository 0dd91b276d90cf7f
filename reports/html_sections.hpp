// The sections of a run's page, from verdict to glossary.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

std::string banner_section(const RecordedRun& run);
std::string facts_section(const RecordedRun& run);
// With these drawings beneath, HTML.
std::string evidence_section(const RunResult& result, std::string_view drawings);
std::string baseline_section(const BaselineComparison& baseline);
std::string settings_section(const RunInfo& info);
std::string glossary_section(const RunInfo& info);

// What moved, in one sentence: "Memory grows by 91.2 MB a production day (86.0 to 96.4, limit 90)."
std::string lead_sentence(const RunResult& result);

}  // namespace soakline
