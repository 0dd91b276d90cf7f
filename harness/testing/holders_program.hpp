// holders_target with the agent or without, and looks at who holds its records.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/chunk_evidence.hpp"
#include "harness/holders/chunk_blocks.hpp"
#include "harness/holders/holders.hpp"
#include "harness/process.hpp"

namespace soakline::testing {

enum class Agent { preloaded, none };

class HoldersProgram {
 public:
  HoldersProgram(const std::string& kind, int records, bool rebuilds = false, Agent agent = Agent::preloaded,
                 const char* program = "holders_target")
      : agent_(agent) {
    Command command;
    command.arguments = {program_directory() / program, kind, std::to_string(records)};
    if (rebuilds) command.arguments.push_back("rebuild");
    if (agent == Agent::preloaded) heap_.preload(command);
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    wait_until_held();
    for (const int each : pids()) symbols_.emplace(each, std::make_unique<Symbols>(each));
    if (agent == Agent::none) return;
    heap_.at_sample(0);
    heap_.at_sample(100);
    heap_.read(100, pids());
    for (const int each : pids()) find_sites(each);
  }
  ~HoldersProgram() { end(); }

  // It, and what it has forked.
  std::vector<int> pids() const {
    std::vector<int> all = {process_->pid()};
    std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", process_->pid()));
    for (int child = 0; children >> child;) all.push_back(child);
    return all;
  }
  HolderLook look() { return look(process_->pid()); }
  HolderLook look(int pid) {
    if (agent_ == Agent::none) {
      ChunkBlocks chunks(pid, [](const HeapChunk& chunk) { return chunk.bytes == record_chunk_bytes; });
      return look_at_holders(chunks, pid, *symbols_.at(pid));
    }
    return look_at_holders(heap_.process(pid), pid, sites_.at(pid), 0, 1, *symbols_.at(pid));
  }
  HolderLook three_looks() {
    Holders holders;
    for (int i = 0; i < 3; ++i) holders.add(look());
    return holders.answer();
  }
  // Makes as many again, of those that it makes more of.
  void grow() {
    output_.clear();
    kill(process_->pid(), SIGUSR1);
    wait_until_held();
  }
  ChunkCensus census(std::uint64_t most_bytes = std::uint64_t{1} << 30) const {
    return take_census(pids(), heap_, most_bytes);
  }
  void end() { process_->stop(loop_, SIGKILL, 0); }

 private:
  static constexpr std::uint64_t record_chunk_bytes = 96;  // 88 and malloc's header

  void wait_until_held() {
    loop_.wait_for([&] { return output_.find('\n') != output_.npos || !process_->running(); },
                   std::chrono::steady_clock::now() + std::chrono::seconds(50));
  }
  void find_sites(int pid) {
    const LiveProcess& process = heap_.process(pid);
    Symbols& symbols = *symbols_.at(pid);
    for (std::uint32_t site = 1; site < process.sites(); ++site)
      if (symbols.names(process.site(site).caller).front().text.starts_with("holding::make_record"))
        sites_[pid].push_back(site);
  }

  Agent agent_;
  LiveHeap heap_{60, 3600};
  EventLoop loop_;
  std::optional<Process> process_;
  std::string output_;
  std::map<int, std::vector<std::uint32_t>> sites_;  // of make_record, by process
  std::map<int, std::unique_ptr<Symbols>> symbols_;
};

}  // namespace soakline::testing
