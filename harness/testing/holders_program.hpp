// holders_target with the agent or without, and looks at who holds its records.
#pragma once

#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/evidence/chunk_evidence.hpp"
#include "harness/holders/chunk_blocks.hpp"
#include "harness/holders/holders.hpp"
#include "harness/testing/target_program.hpp"

namespace soakline::testing {

enum class Agent { preloaded, none };

class HoldersProgram {
 public:
  HoldersProgram(const std::string& kind, int records, bool rebuilds = false, Agent agent = Agent::preloaded,
                 const char* program = "holders_target")
      : agent_(agent),
        program_(agent == Agent::preloaded ? &heap_ : nullptr,
                 {program, kind, std::to_string(records), rebuilds ? "rebuild" : "rest"}, "\n") {
    for (const int each : pids()) symbols_.emplace(each, std::make_unique<Symbols>(each));
    if (agent == Agent::none) return;
    heap_.at_sample(0);
    heap_.at_sample(100);
    heap_.read(100, program_.pids());
    for (const int each : program_.pids()) find_sites(each);
  }

  std::vector<int> pids() const { return program_.pids(); }
  HolderLook look() { return look(program_.pid()); }
  HolderLook look(int pid) {
    if (agent_ == Agent::none) {
      ChunkBlocks chunks(pid, [](const HeapChunk& chunk) { return chunk.bytes == record_chunk_bytes; });
      return look_at_holders(chunks, pid, looking_, *symbols_.at(pid));
    }
    return look_at_holders(heap_.process(pid), pid, sites_.at(pid), 0, 1, looking_, *symbols_.at(pid));
  }
  void pause_at_looks() { looking_ = Looking::paused; }
  HolderLook three_looks() {
    Holders holders;
    for (int i = 0; i < 3; ++i) holders.add(look());
    return holders.answer();
  }
  // Makes as many again, of those that it makes more of.
  void grow() { program_.signal_and_wait_for(SIGUSR1, "\n"); }
  ChunkCensus census(std::uint64_t most_bytes = std::uint64_t{1} << 30) const {
    return take_census(pids(), heap_, most_bytes);
  }
  void end() { program_.end(); }

 private:
  static constexpr std::uint64_t record_chunk_bytes = 96;  // 88 and malloc's header

  void find_sites(int pid) {
    const LiveProcess& process = heap_.process(pid);
    Symbols& symbols = *symbols_.at(pid);
    for (std::uint32_t site = 1; site < process.sites(); ++site)
      if (symbols.names(process.site(site).caller).front().text.starts_with("holding::make_record"))
        sites_[pid].push_back(site);
  }

  Agent agent_;
  Looking looking_ = Looking::at_work;
  LiveHeap heap_{60, 3600};
  TargetProgram program_;
  std::map<int, std::vector<std::uint32_t>> sites_;  // of make_record, by process
  std::map<int, std::unique_ptr<Symbols>> symbols_;
};

}  // namespace soakline::testing
