// The clock of memory's judges: when they look, and what a run of its length can find.
#pragma once

#include "harness/judge/verdict.hpp"

namespace soakline {

// The rule was measured in minutes of two-hour runs with 15 minutes of warm-up; shorter or compressed runs
// scale them.
struct MemoryPlan {
  double minute_s = 0;             // soak seconds that stand for one of those minutes
  double first_look_s = 0;         // 30 of them, later after a longer warm-up
  double needed_s = 0;             // four more: a fail takes four looks running
  double limit_found_per_day = 0;  // the limit, or what a run too short for it can still find
  double later = 1;                // by how much a warm-up beyond the study's moves what waits for it
};
MemoryPlan plan_memory(const JudgeSettings& settings);

// How many looks running must agree before memory fails.
inline constexpr int looks_to_fail = 4;

// Whether the later half of a window lies after `settle`: by then no cache, batch or fill of the program
// grows any more, and what grew before it alone is not growth that goes on.
inline bool shows_what_settled(double window_s, double end_s, const JudgeSettings& settings) {
  return end_s - window_s / 2 >= settings.settle_s;
}

}  // namespace soakline
