// What agent_stress says of the blocks that it holds, in a file that outlives it: each worker writes down
// what it is about to do and what it has done, so that whoever reads knows the truth within one call of each.
#pragma once

#include <atomic>
#include <cstdint>

namespace soakline {

inline constexpr int most_workers = 512;

struct StressAccount {
  std::atomic<std::int64_t> blocks, bytes;  // bytes as the agent counts them: footprint()

  // For its one writer.
  void add(std::int64_t more) {
    blocks.store(blocks.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    bytes.store(bytes.load(std::memory_order_relaxed) + more, std::memory_order_release);
  }
};

struct StressWorker {
  StressAccount births_begun, births, deaths_begun, deaths;
};

struct StressBooks {
  // Where the program's own code lies: only what is called from there is in the books. The end is written
  // last.
  std::atomic<std::uint64_t> code_from, code_to;
  StressWorker workers[most_workers];
};

}  // namespace soakline
