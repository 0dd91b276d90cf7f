// Resident memory by mapping, and by who mapped it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/evidence/evidence_groups.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

// Resident bytes by mapping: "[heap]", "[anonymous]", "[stack]" or a file's name, summed over the processes.
using Mappings = std::map<std::string, double>;
Mappings read_mappings(std::span<const int> pids);

// What has become more since `before`, in bytes: of each name what the agent saw being mapped in the last
// `to_age_s` and that is older than `from_age_s` by who mapped it, and the rest without that.
std::vector<EvidenceGroup> mapping_groups(std::span<const int> pids, const LiveHeap& live,
                                          SymbolsByPid& symbols, const Mappings& before, double from_age_s,
                                          double to_age_s);

}  // namespace soakline
