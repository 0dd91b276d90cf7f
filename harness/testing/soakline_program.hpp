// The soakline binary as its users start it: arguments in, exit code and both streams out.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "harness/process.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline::testing {

struct Finished {
  int exit = -1;
  std::string out, err;
};

// Runs in `folder`; ends it, by pid, if the test leaves first.
class SoaklineProgram {
 public:
  // `closed`: standard streams that are shut when it starts, as some init systems do.
  SoaklineProgram(const std::filesystem::path& folder, std::vector<std::string> arguments,
                  const std::vector<int>& closed = {})
      : folder_(folder) {
    arguments.insert(arguments.begin(), (program_directory() / "soakline").string());
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ != 0) return;
    if (chdir(folder.c_str()) != 0) _exit(126);
    dup2(open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644), 1);
    dup2(open("err.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644), 2);
    for (const int stream : closed) close(stream);
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~SoaklineProgram() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  SoaklineProgram(const SoaklineProgram&) = delete;
  SoaklineProgram& operator=(const SoaklineProgram&) = delete;

  pid_t pid() const { return pid_; }
  // Waits for its end, but no longer than `most`; it stays to be collected by finish().
  bool ended_within(std::chrono::milliseconds most) const {
    const int end = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    pollfd ended{end, POLLIN, 0};
    const bool is = poll(&ended, 1, static_cast<int>(most.count())) == 1;
    close(end);
    return is;
  }
  Finished finish() {
    int status = 0;
    if (pid_ > 0) {
      waitpid(pid_, &status, 0);
      exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = 0;
    }
    return {exit_, text("out.txt"), text("err.txt")};
  }

 private:
  std::string text(const char* name) const {
    std::ifstream input(folder_ / name);
    return {std::istreambuf_iterator<char>(input), {}};
  }

  std::filesystem::path folder_;
  pid_t pid_ = 0;
  int exit_ = -1;
};

inline Finished soakline(const std::filesystem::path& folder, std::vector<std::string> arguments) {
  return SoaklineProgram(folder, std::move(arguments)).finish();
}

}  // namespace soakline::testing
