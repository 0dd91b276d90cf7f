#include "harness/judge/gaps.hpp"

#include <algorithm>

namespace soakline {

double Gaps::within(double from_s, double to_s) const {
  const double open_s = to_s - last_s_ > longest_s_ ? to_s - std::max(from_s, last_s_) : 0;
  double seconds = open_s;
  for (auto gap = gaps_.rbegin(); gap != gaps_.rend() && gap->to_s > from_s; ++gap)
    seconds += std::max(0.0, std::min(gap->to_s, to_s) - std::max(gap->from_s, from_s));
  return seconds;
}

}  // namespace soakline
