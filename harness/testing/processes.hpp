// What tests ask of real processes: are they gone yet, and which of them are ours.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace soakline::testing {

// Looks at a state until it holds, for as long as a loaded machine may need; seldom enough that looking does
// not take the processor from what it waits for.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A child that waits until it is ended, which may be told to become or to do something first.
class Child {
 public:
  explicit Child(const std::function<void()>& first = [] {}) : pid_(fork()) {
    if (pid_ != 0) return;
    first();
    for (;;) pause();
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

// As /proc/PID/stat has it: 'S' sleeping, 'T' stopped, 'Z' a zombie; 0 of one that is gone.
inline char state_of(pid_t pid) {
  std::ostringstream stat;
  stat << std::ifstream("/proc/" + std::to_string(pid) + "/stat").rdbuf();
  const auto name_end = stat.str().rfind(')');
  return name_end == std::string::npos ? '\0' : stat.str().at(name_end + 2);
}

// Processes whose command line mentions `mark`, zombies apart: how a test recognises the tree it started.
inline std::vector<pid_t> processes_marked(const std::string& mark) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ostringstream line;  // an iterator over the file would throw if the process ended meanwhile
    line << std::ifstream(entry.path() / "cmdline").rdbuf();
    if (line.str().find(mark) != std::string::npos) found.push_back(std::stoi(name));
  }
  return found;
}

}  // namespace soakline::testing
