// Descriptors by what they are of and by who opened them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>

#include "harness/evidence/evidence_groups.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

// What each descriptor points at, by process and number: "socket:[123]", a path.
using Descriptors = std::map<std::pair<int, int>, std::string>;
Descriptors read_descriptors(std::span<const int> pids);

// Those that are not among `before`, without the ones known to be younger than `age_s`; all of them where
// that leaves none.
std::vector<EvidenceGroup> descriptor_groups(std::span<const int> pids, const LiveHeap& live,
                                             SymbolsByPid& symbols, const Descriptors& before, double age_s);

}  // namespace soakline
