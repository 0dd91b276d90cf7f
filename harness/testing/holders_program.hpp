// holders_target with the agent, and looks at who holds its records.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/holders/holders.hpp"
#include "harness/testing/agent_program.hpp"

namespace soakline::testing {

class HoldersProgram {
 public:
  HoldersProgram(const std::string& kind, int records, bool rebuilds = false)
      : program_(heap_, {"holders_target", kind, std::to_string(records), rebuilds ? "rebuild" : "rest"},
                 "\n") {
    heap_.at_sample(0);
    heap_.at_sample(100);
    heap_.read(100, program_.pids());
    for (const int each : program_.pids()) find_sites(each);
  }

  std::vector<int> pids() const { return program_.pids(); }
  HolderLook look() { return look(program_.pid()); }
  HolderLook look(int pid) {
    return look_at_holders(heap_.process(pid), pid, sites_.at(pid), 0, 1, *symbols_.at(pid));
  }
  HolderLook three_looks() {
    Holders holders;
    for (int i = 0; i < 3; ++i) holders.add(look());
    return holders.answer();
  }
  void end() { program_.end(); }

 private:
  void find_sites(int pid) {
    const LiveProcess& process = heap_.process(pid);
    Symbols& symbols = *symbols_.emplace(pid, std::make_unique<Symbols>(pid)).first->second;
    for (std::uint32_t site = 1; site < process.sites(); ++site)
      if (symbols.names(process.site(site).caller).front().text.starts_with("holding::make_record"))
        sites_[pid].push_back(site);
  }

  LiveHeap heap_{60, 3600};
  AgentProgram program_;
  std::map<int, std::vector<std::uint32_t>> sites_;  // of make_record, by process
  std::map<int, std::unique_ptr<Symbols>> symbols_;
};

}  // namespace soakline::testing
