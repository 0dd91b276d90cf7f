// What one look at one signal of memory tells.
#pragma once

#include <string>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// Drift in bytes per production day with its 99 % interval; NaN where too little was seen.
struct Estimate {
  double drift = missing, low = missing, high = missing;
};

struct Assessment {
  Verdict verdict = Verdict::inconclusive;
  Estimate estimate;
  double smallest_found_per_day = missing;  // the least drift that this look would have failed
  std::string reason;
};

}  // namespace soakline
