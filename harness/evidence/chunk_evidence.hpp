// What the heap chunks that became more are, and who holds them, where no agent counts blocks: by two walks
// of the heap that list its chunks, and a copy of the memory at the verdict.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "harness/evidence/chunk_growth.hpp"
#include "harness/evidence/evidence_groups.hpp"
#include "harness/heap_walk.hpp"
#include "harness/holders/pause.hpp"
#include "harness/live_heap.hpp"
#include "harness/run_record.hpp"

namespace soakline {

// The chunks in use of each process, at one moment.
using ChunkCensus = std::map<int, HeapList>;

// Of processes without the agent whose heaps have no more bytes in use.
ChunkCensus take_census(std::span<const int> pids, const LiveHeap& live, std::uint64_t most_bytes);
// In the middle of a run: more would make samples late, and the list itself large.
inline constexpr std::uint64_t most_listed_bytes = 256 << 20;

// What there is now, held against what there was so many seconds of production before. Kind "type": the
// objects among the chunks of the classes that grew, by their vtables; kind "holder": who holds the chunks
// that grew most. A process that ends meanwhile is no error.
std::vector<Evidence> chunk_evidence(const ChunkCensus& before, const ChunkCensus& now,
                                     const MetricVerdict& memory, std::span<const GrownClass> grown,
                                     double elapsed_s, Looking looking, SymbolsByPid& symbols);

}  // namespace soakline
