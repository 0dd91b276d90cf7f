// How long to wait for the next walk of a heap: never twice the same, so that walks a minute apart do not see
// teeth of nearly a minute as one slow climb (59.5 s: 100 of 100 clean lives failed; uneven, at most one).
#pragma once

#include <random>

namespace soakline {

class UnevenPause {
 public:
  // Seconds, `mean_s` on average; the same draws in every run.
  double operator()(double mean_s) { return mean_s * share_(random_); }

 private:
  std::minstd_rand random_;
  std::uniform_real_distribution<> share_{0.75, 1.25};
};

}  // namespace soakline
