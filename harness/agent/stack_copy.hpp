// The top of a caller's stack, copied for the harness to unwind: nothing of it may depend on how the program
// was compiled.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "harness/agent/live_counts.hpp"

namespace soakline {

// Bytes copied from the caller's stack pointer up, fewer where the stack ends; errno is kept.
std::uint32_t copy_stack(const Caller& caller, pid_t own_pid, char* to, std::size_t bytes);

// The registers at the caller, as a record keeps them.
template <typename Record>
void note_caller(const Caller& caller, Record& record) {
  record.caller = caller.code;
  record.stack_pointer = reinterpret_cast<std::uint64_t>(caller.frame + 2);
  record.frame_pointer = caller.frame[0];
}

}  // namespace soakline
