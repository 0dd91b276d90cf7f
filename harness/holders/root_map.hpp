// What memory outside the heap's blocks is: globals, thread-locals, stacks or none of these.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/holders/memory_image.hpp"
#include "harness/threads.hpp"

namespace soakline {

// In the order in which they explain best why a block lives: what one of them reaches is left to it.
enum class Tier : std::uint8_t {
  globals,
  thread_locals,
  stacks,
  kernel,          // what epoll gives back
  system_globals,  // of libc and the like
  running_stacks,  // of threads that ran: all of it, since nobody knows where they stood
  other,           // memory that no one knows: of other allocators, or free
  none             // below a stack's end
};

struct RootPlace {
  Tier tier = Tier::other;
  std::uint64_t start = 0, end = 0;
  int tid = 0;                     // of thread-locals and stacks
  std::uint64_t thread_block = 0;  // of thread-locals: where the thread's own block (its TCB) begins
};

class RootMap {
 public:
  // `thread_local_bytes`: how much lies before a thread's own block, at most.
  // Threads in ascending order of their numbers.
  RootMap(const MemoryImage& image, int pid, const std::vector<ThreadState>& threads,
          std::uint64_t thread_local_bytes);

  // With how far it reaches around the address.
  RootPlace at(std::uint64_t address) const;

 private:
  struct OwnBlock {
    std::uint64_t address = 0;
    int tid = 0;
  };
  void find_own_blocks(const std::vector<ThreadState>& threads);
  void add_thread(const ThreadState& thread, bool first, std::uint64_t thread_local_bytes);
  std::uint64_t end_of_block_before(std::uint64_t address) const;

  const MemoryImage& image_;
  std::vector<OwnBlock> own_blocks_;   // ascending
  std::vector<RootPlace> of_threads_;  // ascending, apart from each other
};

}  // namespace soakline
