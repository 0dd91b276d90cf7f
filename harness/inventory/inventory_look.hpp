// One look at what a target holds, taken in a thread of its own so that no sample is late for it.
#pragma once

#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "harness/inventory/inventory.hpp"
#include "harness/placeholders.hpp"
#include "harness/scenario.hpp"

namespace soakline {

// The process that is asked, told from a later one of the same number by when it was born.
struct Asked {
  int pid = 0;
  std::uint64_t born = 0;

  bool lives() const;
};

// Of the runtime that the preset is for, or of any that has a collector, the one with most memory; of all
// processes where there is none and the command is the user's own. Nothing (pid 0) where none fits.
Asked whom_to_ask(EvidencePlan::Preset preset, const std::vector<int>& pids);

struct LookOrder {
  EvidencePlan plan;
  Placeholders values;
  std::vector<int> pids;          // of the target
  Asked asked;                    // if chosen by an earlier look
  std::filesystem::path keep_as;  // without an extension: ".txt" is what it said, ".heapsnapshot" Node's own
};

struct LookResult {
  Asked asked;
  std::vector<Inventory> inventories;
  std::string problem;  // why there are none, as a sentence
};

class InventoryLook {
 public:
  // Begins it; its end may be waited for, and the destructor cuts it short.
  explicit InventoryLook(LookOrder order);

  bool done() const;
  // Once.
  LookResult take();

 private:
  std::future<LookResult> result_;
  std::jthread thread_;  // last: ends before what it uses
};

// The command of a plan, filled; ScenarioError names an unknown placeholder. Node's is empty.
Command evidence_command(const EvidencePlan& plan, Placeholders values, int pid);

}  // namespace soakline
