// Two runs against each other: how much more the new one drifts.
#pragma once

#include <vector>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

struct ComparedRun {
  const Recording& recording;
  const std::vector<MetricVerdict>& metrics;
};

// For every metric that both runs judged: the difference of drifts, new minus base, with its 99 % interval.
// It fails above what is tolerated (memory: and a tenth of the way to the limit, since malloc adds to what is
// asked for) and passes below the limit; without an estimate it is inconclusive.
//
// Memory: the line through the difference of both curves at the same soak time after warm-up: of all heap
// chunks and of RSS outside the heaps where both were walked (either fails, both must pass), of RSS
// otherwise. What both runs do alike (warm-up, load, rhythm) is in neither. Other metrics: from the two
// intervals alone, by the method of variance estimates recovery (Zou and Donner 2008); they pass too where
// both runs pass by themselves and the new one drifts no more.
std::vector<MetricVerdict> compare(const ComparedRun& base, const ComparedRun& next,
                                   const JudgeSettings& settings);

}  // namespace soakline
