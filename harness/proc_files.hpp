// Files of /proc read without an allocation: opened once, read again at every sample.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soakline {

// An open descriptor that is closed with its owner.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();

  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  // From the beginning; empty when it cannot be read, as when its process is gone.
  std::string_view read(std::span<char> buffer) const;

 private:
  int fd_ = -1;
};

// Relative to `directory` unless that is AT_FDCWD.
OpenFile open_at(int directory, const char* path, int flags);

// The entries of an open directory whose names are numbers, in ascending order; false if it cannot be read.
bool numbers_in(const OpenFile& directory, std::span<char> buffer, std::vector<int>& numbers);

// A process's program and arguments; empty where they cannot be read.
std::vector<std::string> command_line_of(pid_t pid);

// The n-th field of a /proc/PID/stat line, counted from 1 as in proc(5); the command name may hold anything.
std::uint64_t stat_field(std::string_view line, int n);

// The n-th number of a line of numbers, counted from 1.
std::uint64_t nth_number(std::string_view line, int n);

// The kB figure of a "Name:   123 kB" line, in bytes; NaN where there is none.
double kilobytes_of(std::string_view text, std::string_view name);

}  // namespace soakline
