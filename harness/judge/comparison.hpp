// Two runs against each other, metric by metric: how much more the new one drifts.
#pragma once

#include <vector>

#include "harness/judge/verdict.hpp"

namespace soakline {

// The difference of drifts, new minus base, with its 99 % interval by the method of variance estimates
// recovery (Zou and Donner 2008), which needs only the two intervals. It fails above what is tolerated and
// passes below the limit, by the limits of `next`, and where the new run passes by itself and drifts no more;
// without an interval on either side it is inconclusive.
std::vector<MetricVerdict> compare(const std::vector<MetricVerdict>& base,
                                   const std::vector<MetricVerdict>& next);

}  // namespace soakline
