// What Node needs to be asked for its heap by a signal, and asking it.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/inventory/inventory.hpp"
#include "harness/scenario.hpp"

namespace soakline {

// So that a target of ours writes its heap to its working directory when signalled. Both signals are ones
// that a program which knows nothing of them ignores. What NODE_OPTIONS has already stays.
void let_node_answer(Command& command);

// The signals for which a process writes a snapshot and a report: 0 where it was not started to do so, or
// does not listen, since most signals would end it.
struct NodeSignals {
  int snapshot = 0, report = 0;
};
NodeSignals node_signals(int pid);
// Of its arguments and NODE_OPTIONS, those of the command line going before.
NodeSignals asked_signals(const std::vector<std::string>& arguments, const std::string& options);

struct NodeAnswer {
  std::vector<Inventory> inventories;
  std::string problem;  // as of CommandOutput
};

// Has it write a snapshot and a report, reads them and takes them away: the snapshot is moved to `keep_as`
// unless that would be too large for a run's folder. `again`: it was
// asked before, and has the memory that takes.
NodeAnswer ask_node(int pid, bool again, const std::filesystem::path& keep_as, double within_s,
                    const std::stop_token& stop);

}  // namespace soakline
