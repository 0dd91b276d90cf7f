// Hands for faults on processes that the harness started: a service or the target.
#pragma once

#include "harness/faults.hpp"
#include "harness/running_target.hpp"
#include "harness/services.hpp"

namespace soakline {

// All must outlive the hands.
FaultHands hands_for(const std::vector<Fault>& timeline, Services& services, RunningTarget& target,
                     const Placeholders& values);

}  // namespace soakline
