// Whether heap bytes older than age A drift: what outlives A is kept, whatever the allocator does around it.
#pragma once

#include <optional>

#include "harness/judge/assessment.hpp"
#include "harness/judge/blocks.hpp"
#include "harness/judge/memory_plan.hpp"

namespace soakline {

class AgedDrift {
 public:
  explicit AgedDrift(const JudgeSettings& settings);

  void add(double time_s, double aged_bytes);
  bool seen() const { return seen_; }
  double next_look_s() const { return next_look_s_; }
  std::vector<Point> curve(double end_s) const;  // half-minute minima since A
  Assessment look();                             // at next_look_s(), over what was added up to then

 private:
  std::optional<Assessment> judge_floor(double now_s) const;

  JudgeSettings settings_;
  double minute_s_;  // of the plan
  Blocks blocks_;    // on a clock that starts at A: what is A old at t was born at t - A
  double next_look_s_;
  bool seen_ = false;
};

}  // namespace soakline
