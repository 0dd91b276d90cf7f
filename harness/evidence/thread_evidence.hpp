// Threads by where they wait and by who made them.
#pragma once

#include <span>

#include "harness/evidence/evidence_groups.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

// The threads whose age, in seconds, is between the two; all of them where none is. A thread's name, without
// the number at its end, is part of its group: workers of a pool are called pool-1, pool-2 and so on.
std::vector<EvidenceGroup> thread_groups(std::span<const int> pids, const LiveHeap& live,
                                         SymbolsByPid& symbols, double from_age_s, double to_age_s);

}  // namespace soakline
