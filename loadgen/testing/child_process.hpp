// A real program started by a test, ended with it, its output read line by line.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace soakline {

class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next line of its standard output; nothing at the end. std::runtime_error when none comes in time.
  std::optional<std::string> read_line();
  void close_output();
  void write_line(const std::string& line) const;  // to its standard input
  void close_input();
  void send(int signal) const;

  struct Ended {
    int exit_code;  // minus the signal that ended it
    std::string last_line;
    std::string errors;
  };
  Ended wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int errors_ = -1;
  std::string unread_;
};

// A folder of its own, short enough for the path of a unix socket, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path path;
};

}  // namespace soakline
