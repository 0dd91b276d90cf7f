// holders_target with the agent, and looks at who holds its records.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "harness/holders/holders.hpp"
#include "harness/process.hpp"

namespace soakline::testing {

class HoldersProgram {
 public:
  HoldersProgram(const std::string& kind, int records, bool rebuilds = false) {
    Command command;
    command.arguments = {program_directory() / "holders_target", kind, std::to_string(records)};
    if (rebuilds) command.arguments.push_back("rebuild");
    heap_.preload(command);
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    loop_.wait_for([&] { return output_.find('\n') != output_.npos || !process_->running(); },
                   std::chrono::steady_clock::now() + std::chrono::seconds(50));
    heap_.at_sample(0);
    heap_.at_sample(100);
    find_sites();
    symbols_.emplace(pid());
  }
  ~HoldersProgram() { process_->stop(loop_, SIGKILL, 0); }

  pid_t pid() const { return process_->pid(); }
  HolderLook look() { return look_at_holders(heap_.process(pid()), pid(), sites_, 0, 1, *symbols_); }
  HolderLook three_looks() {
    Holders holders;
    for (int i = 0; i < 3; ++i) holders.add(look());
    return holders.answer();
  }

 private:
  void find_sites() {
    heap_.read(100, {pid()});
    const LiveProcess& process = heap_.processes().at(pid());
    Symbols symbols(pid());
    for (std::uint32_t site = 1; site < process.sites(); ++site) {
      const auto names = symbols.names(process.site(site).caller);
      if (names.front().text.starts_with("holding::make_record")) sites_.push_back(site);
    }
  }

  LiveHeap heap_{60, 3600};
  EventLoop loop_;
  std::optional<Process> process_;
  std::string output_;
  std::vector<std::uint32_t> sites_;
  std::optional<Symbols> symbols_;
};

}  // namespace soakline::testing
