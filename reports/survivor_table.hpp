// The places in the code that grew, as a table: how fast in bytes and objects, what survives, since when.
#pragma once

#include <string>

#include "harness/run_record.hpp"

namespace soakline {

// HTML, "" where the run blames no place or has no counts by site.
std::string survivor_table(const RecordedRun& run);

}  // namespace soakline
