// What survives of the places in the code that are blamed: over time, and by when it was born.
#pragma once

#include <vector>

#include "harness/run_record.hpp"
#include "reports/figure.hpp"

namespace soakline {

// Two figures, or none where the run has no counts by site or blames nothing. By birth a leak is flat; what a
// cache keeps ends where it has turned over.
std::vector<Figure> survivor_figures(const RecordedRun& run);

}  // namespace soakline
