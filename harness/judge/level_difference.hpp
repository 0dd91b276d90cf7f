// Two runs against each other, apart from drift: what the new one needs more of.
#pragma once

#include <string>
#include <vector>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

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
