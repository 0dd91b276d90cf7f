// A program that a test starts: ends with the test, also when that crashes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace redis_subscription {

// A fresh directory with a short name (a unix socket's path has at most 107 bytes), removed in the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class ChildProcess {
 public:
  // What it prints goes to the file `output`. Throws std::system_error if it cannot be forked.
  ChildProcess(std::vector<std::string> command, std::filesystem::path output);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  std::string output() const;

  // Its exit code, 128 + the signal that ended it, or nothing if it still runs after `longest`.
  std::optional<int> wait(std::chrono::milliseconds longest);

 private:
  std::filesystem::path output_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

}  // namespace redis_subscription
