// The real binary, or another that says where it listens as it does, started by a test and ended with it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace executor {

class ServerProcess {
 public:
  // Its address space is limited to so many bytes, if any are given.
  explicit ServerProcess(std::vector<std::string> arguments, std::size_t address_space = 0,
                         const std::string& program = "executor");
  // Kills it if it still runs.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Reads the line it starts with; 0 if there is none.
  std::uint16_t read_port();
  void send_signal(int signal) const;
  // Its exit code, or 128 + the signal that ended it, or -1 if it does not end in ten seconds.
  int wait();

  std::string pid() const { return std::to_string(pid_); }
  // All that it has written, once it has ended.
  std::string output();
  std::string errors();

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int output_ = -1;
  int errors_ = -1;
};

}  // namespace executor
