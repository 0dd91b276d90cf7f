// The threads of a process and where their stacks stand, without stopping them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace soakline {

struct ThreadState {
  int tid = 0;
  std::uint64_t stack_pointer = 0, code = 0;  // 0 while it runs: only the kernel knows
  bool operator==(const ThreadState&) const = default;
};

ThreadState thread_state(int pid, int tid);
// In ascending order of their numbers; none of a process that is gone.
std::vector<ThreadState> threads_of(int pid);

// "1234 (worker)"; of a process by its first thread, which has its number.
std::string thread_name(int pid, int tid);

}  // namespace soakline
