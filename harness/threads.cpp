#include "harness/threads.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "harness/proc_files.hpp"

namespace soakline {
namespace {

std::uint64_t take_last_hex(std::string_view& line) {
  const auto at = line.rfind(" 0x");
  if (at == std::string_view::npos) return 0;
  std::uint64_t value = 0;
  std::from_chars(line.data() + at + 3, line.data() + line.size(), value, 16);
  line = line.substr(0, at);
  return value;
}

}  // namespace

// proc(5), /proc/PID/syscall: "running", or a line that ends with stack pointer and program counter.
ThreadState thread_state(int pid, int tid) {
  std::array<char, 256> text;
  std::string_view line =
      open_at(AT_FDCWD, fmt::format("/proc/{}/task/{}/syscall", pid, tid).c_str(), O_RDONLY).read(text);
  ThreadState thread{tid};
  thread.code = take_last_hex(line);
  thread.stack_pointer = take_last_hex(line);
  return thread;
}

std::vector<ThreadState> threads_of(int pid) {
  std::vector<ThreadState> threads;
  std::vector<int> numbers;
  std::vector<char> buffer(64 << 10);
  const OpenFile tasks = open_at(AT_FDCWD, fmt::format("/proc/{}/task", pid).c_str(), O_RDONLY | O_DIRECTORY);
  if (!tasks.is_open() || !numbers_in(tasks, buffer, numbers)) return threads;
  for (const int tid : numbers) threads.push_back(thread_state(pid, tid));
  return threads;
}

std::string thread_name(int pid, int tid) {
  std::array<char, 64> text;
  std::string_view name =
      open_at(AT_FDCWD, fmt::format("/proc/{}/task/{}/comm", pid, tid).c_str(), O_RDONLY).read(text);
  name = name.substr(0, name.find('\n'));
  return name.empty() ? std::to_string(tid) : fmt::format("{} ({})", tid, name);
}

}  // namespace soakline
