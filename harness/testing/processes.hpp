// What tests ask of real processes: are they gone yet, and which of them are ours.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace soakline::testing {

// Looks at a state until it holds, for as long as a loaded machine may need.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// Processes whose command line mentions `mark`, zombies apart: how a test recognises the tree it started.
inline std::vector<pid_t> processes_marked(const std::string& mark) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream input(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(input), {}};
    if (line.find(mark) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

}  // namespace soakline::testing
