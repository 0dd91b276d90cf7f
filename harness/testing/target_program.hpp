// A program of this build that runs, with the agent or without, and is killed at the end.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/live_heap.hpp"
#include "harness/process.hpp"

namespace soakline::testing {

class TargetProgram {
 public:
  // With the agent where there is a heap; waits until its output has `ready` so many times, as once from each
  // of its processes.
  TargetProgram(LiveHeap* heap, std::vector<std::string> arguments, std::string_view ready,
                std::size_t times = 1) {
    Command command;
    command.arguments = std::move(arguments);
    command.arguments[0] = program_directory() / command.arguments[0];
    if (heap != nullptr) heap->preload(command);
    process_.emplace(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    wait_for(ready, times);
  }
  ~TargetProgram() { end(); }
  TargetProgram(const TargetProgram&) = delete;
  TargetProgram& operator=(const TargetProgram&) = delete;

  bool running() { return process_->running(); }
  const std::string& output() const { return output_; }
  int pid() const { return process_->pid(); }
  // It, and what it has forked.
  std::vector<int> pids() const {
    std::vector<int> all = {pid()};
    std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid()));
    for (int child = 0; children >> child;) all.push_back(child);
    return all;
  }
  // What it said before does not count.
  void signal_and_wait_for(int signal, std::string_view ready) {
    output_.clear();
    kill(pid(), signal);
    wait_for(ready, 1);
  }
  void end() { process_->stop(loop_, SIGKILL, 0); }

 private:
  void wait_for(std::string_view words, std::size_t times) {
    loop_.wait_for([&] { return said(words) >= times || !process_->running(); },
                   std::chrono::steady_clock::now() + std::chrono::seconds(50));
  }
  std::size_t said(std::string_view words) const {
    std::size_t times = 0;
    for (auto at = output_.find(words); at != output_.npos; at = output_.find(words, at + words.size()))
      ++times;
    return times;
  }

  EventLoop loop_;
  std::optional<Process> process_;
  std::string output_;
};

}  // namespace soakline::testing
