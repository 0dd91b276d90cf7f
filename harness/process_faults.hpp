// Hands for faults on processes that the harness started: a service or the target.
#pragma once

#include "harness/faults.hpp"
#include "harness/running_target.hpp"
#include "harness/services.hpp"

namespace soakline {

// One for each process that the timeline has faults on, beside those of links. All must outlive the hands.
FaultHands add_process_hands(FaultHands hands, const std::vector<Fault>& timeline, Services& services,
                             RunningTarget& target, const Placeholders& values);

}  // namespace soakline
