// What a pointer outside the heap's blocks belongs to, in words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/holders/data_symbols.hpp"
#include "harness/holders/graph.hpp"
#include "harness/holders/root_map.hpp"
#include "harness/threads.hpp"

namespace soakline {

class RootNames {
 public:
  RootNames(int pid, const MemoryImage& image, const RootMap& map, const std::vector<ThreadState>& threads,
            DataSymbols& data, Symbols& code)
      : pid_(pid), image_(image), map_(map), threads_(threads), data_(data), code_(code) {}

  // The same for all pointers of one global, and for those on the stacks of threads that do the same, or in
  // their thread-locals, at one place.
  std::uint64_t group(const RootSlot& slot);
  // "redis_subscription::statics()::only +0x40", "stack of thread 1234 (worker): serve  server.cpp:41, local
  // queue, and 7 alike". `others`: how many more threads have such pointers.
  std::string name(const RootSlot& slot, std::size_t others);
  int thread_of(const RootSlot& slot) const { return map_.at(slot.address).tid; }

 private:
  std::string global_name(std::uint64_t address);
  std::string thread_local_name(const RootPlace& place, std::uint64_t address);
  std::string stack_name(const RootPlace& place, std::uint64_t address);
  const ThreadState* thread_at(const RootPlace& place) const;

  int pid_;
  const MemoryImage& image_;
  const RootMap& map_;
  const std::vector<ThreadState>& threads_;
  DataSymbols& data_;
  Symbols& code_;
};

}  // namespace soakline
