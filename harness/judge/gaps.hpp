// Stretches of time that nothing was sampled in: the machine slept, the clock stepped, the sampler came late.
#pragma once

#include <vector>

namespace soakline {

class Gaps {
 public:
  // Samples no further apart than `longest_s` leave no gap.
  explicit Gaps(double longest_s) : longest_s_(longest_s) {}

  // In the order of time.
  void add(double sampled_s) {
    if (sampled_s - last_s_ > longest_s_) gaps_.push_back({last_s_, sampled_s});
    last_s_ = sampled_s;
  }

  // Seconds of [from_s, to_s] that lie in gaps, one that has not ended among them.
  double within(double from_s, double to_s) const;

 private:
  struct Gap {
    double from_s, to_s;
  };
  double longest_s_;
  double last_s_ = 0;
  std::vector<Gap> gaps_;
};

}  // namespace soakline
