// What grew, read from outside while the target still lives: threads by where they wait, descriptors,
// mappings.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/evidence/chunk_evidence.hpp"
#include "harness/evidence/descriptor_evidence.hpp"
#include "harness/evidence/mapping_evidence.hpp"
#include "harness/run_record.hpp"

namespace soakline {

// What is compared with: the state at the end of warm-up.
struct Growth {
  double from_s = 0, to_s = 0;  // soak time
  double compression = 1;
  Mappings mappings_before;
  double age_s = 0;  // what is younger is not kept yet
  Descriptors descriptors_before = {};
  ChunkCensus chunks_before = {};
  Looking looking = Looking::at_work;  // at who holds what grew
};
Growth begin_growth(double from_s, const JudgeSettings& settings, std::span<const int> pids);

// For every metric that fails, its few largest groups, most telling first. Threads that are kept are grouped
// by where they wait, descriptors by what they point at, both by who made them where the agent saw it; memory
// by size class of heap chunks where the heap was walked, where there is no agent by their types and holders
// too, and by mapping and who mapped it.
std::vector<Evidence> collect_evidence(std::span<const int> pids, const std::vector<MetricVerdict>& metrics,
                                       const Growth& growth, const Recording& recording,
                                       const LiveHeap& live);

}  // namespace soakline
