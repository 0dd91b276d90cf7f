#include "harness/evidence/thread_stacks.hpp"

#include <algorithm>
#include <cstring>

#include "harness/process_memory.hpp"
#include "harness/threads.hpp"

namespace soakline {
namespace {

constexpr std::size_t bytes_copied = 8192;
constexpr int tries = 3;  // a thread that wakes up meanwhile leaves a stack that nobody had
constexpr std::size_t guesses = 16;
constexpr std::uint64_t farthest_frame = 1 << 20;

// Where the frame pointer of a call may point to whose part of the stack begins at `from`: at another one,
// further up, which a return address follows.
std::vector<std::uint64_t> possible_frames(const ThreadStack& stack, std::uint64_t from) {
  std::vector<std::uint64_t> found;
  constexpr std::uint64_t alignment = 16;
  const std::uint64_t end = stack.stack_pointer + stack.memory.size() - alignment;
  for (std::uint64_t at = (from + alignment - 1) / alignment * alignment;
       at >= stack.stack_pointer && at <= end && found.size() < guesses; at += alignment) {
    std::uint64_t next = 0;
    std::memcpy(&next, stack.memory.data() + (at - stack.stack_pointer), sizeof next);
    if (next > at && next - at < farthest_frame && next % alignment == 0) found.push_back(at);
  }
  return found;
}

}  // namespace

std::optional<ThreadStack> stack_of_waiting(int pid, int tid) {
  ThreadState state = thread_state(pid, tid);
  for (int i = 0; i < tries && state.stack_pointer != 0; ++i) {
    ThreadStack stack{state.code, state.stack_pointer, std::vector<char>(bytes_copied)};
    const iovec local{stack.memory.data(), stack.memory.size()},
        remote = remote_span(stack.stack_pointer, stack.memory.size());
    const ssize_t copied = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (copied <= 0) return std::nullopt;
    stack.memory.resize(static_cast<std::size_t>(copied));
    const ThreadState after = thread_state(pid, tid);
    if (after == state) return stack;
    state = after;
  }
  return std::nullopt;
}

// What stands by chance where a frame might goes nowhere: no more than one call further, or not to code.
std::vector<std::uint64_t> unwind_waiting(Symbols& symbols, const ThreadStack& stack) {
  const StackCopy copy{stack.code, stack.stack_pointer, 0, stack.memory};
  const auto without = symbols.frames(copy);
  for (const std::uint64_t frame : possible_frames(stack, without.back().stack_pointer)) {
    auto found = symbols.unwind({copy.code, copy.stack_pointer, frame, copy.memory});
    if (found.size() > without.size() + 1 &&
        std::all_of(found.begin(), found.end(), [&](auto code) { return symbols.is_code(code); }))
      return found;
  }
  return symbols.unwind(copy);
}

}  // namespace soakline
