// Two runs against each other: how much more the new one drifts, and what it needs more of.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

struct ComparedRun {
  const Recording& recording;
  const std::vector<MetricVerdict>& metrics;
};

// For every metric that both runs judged: the difference of drifts, new minus base, with its 99 % interval.
// It fails above what is tolerated and passes below the limit; without an estimate it is inconclusive.
//
// Memory: the line through the difference of both curves at the same soak time after warm-up: of all heap
// chunks and of RSS outside the heaps where both were walked (either fails, both must pass), of RSS
// otherwise. What both runs do alike (warm-up, load, rhythm) is in neither. Other metrics: from the two
// intervals alone, by the method of variance estimates recovery (Zou and Donner 2008); they pass too where
// the new run passes by itself and drifts no more.
std::vector<MetricVerdict> compare(const ComparedRun& base, const ComparedRun& next,
                                   const JudgeSettings& settings);

// What a level differs by: base and new are means over sixteen equal stretches after warm-up, `low` and
// `high` the 99 % interval of the paired differences. One pair cannot tell how much two runs of one program
// differ by themselves: `more` holds only beyond a twentieth of the base, and beyond one thread or
// descriptor.
struct LevelDifference {
  std::string quantity, unit;  // as Level's
  double base = 0, next = 0, low = 0, high = 0;
  bool more = false;
};
std::vector<LevelDifference> compare_levels(const Recording& base, const Recording& next,
                                            const JudgeSettings& settings);

}  // namespace soakline
