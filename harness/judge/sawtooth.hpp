// What rises and falls back, judged by its floor: collections, rotations, batches.
#pragma once

#include <optional>
#include <span>

#include "harness/judge/assessment.hpp"
#include "harness/judge/blocks.hpp"

namespace soakline {

struct Sawtooth {
  double limit_per_s;  // bytes a soak second at the limit
  double minute_s;     // of the plan
  double height;       // least depth of a trough in bytes
};

// The slopes between every two troughs, where there are five of them over 25 minutes. Verdict and estimate
// only, inconclusive where the floor neither rises nor stays for certain; nothing where there is no sawtooth.
std::optional<Assessment> judge_sawtooth(std::span<const Point> minima, const Sawtooth& sawtooth,
                                         const JudgeSettings& settings);

}  // namespace soakline
