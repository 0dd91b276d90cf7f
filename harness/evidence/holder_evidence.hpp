// Who holds what grew, as evidence.
#pragma once

#include "harness/holders/holders.hpp"
#include "harness/run_record.hpp"

namespace soakline {

// Kind "holder": the chain from the root down, and how many of the survivors, which are that share of what
// memory grew by, it explains; without frames where there is nothing to tell.
Evidence holder_evidence(double share, const HolderLook& answer);

}  // namespace soakline
