// Where another process's threads are, read without stopping them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/symbols.hpp"

namespace soakline {

// The top of a stack at a system call. The kernel does not tell the frame pointer.
struct ThreadStack {
  std::uint64_t code = 0, stack_pointer = 0;
  std::vector<char> memory;  // from the stack pointer up
};

// Of a thread that waits in the kernel; nothing of one that runs, is gone, or may not be looked at.
std::optional<ThreadStack> stack_of_waiting(int pid, int tid);

// As Symbols::unwind; where a function is found by its frame pointer, that is looked for on the stack.
std::vector<std::uint64_t> unwind_waiting(Symbols& symbols, const ThreadStack& stack);

}  // namespace soakline
