// Who made a thread, a descriptor or a mapping: the stack at the call, by tid, by the descriptor's number or
// by address. Part of the file through which a target tells the harness what it has.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace soakline {

// A page: the registers there, and the memory from the stack pointer up.
struct CreationRecord {
  std::uint64_t caller, stack_pointer, frame_pointer;
  std::uint64_t born_ns;        // CLOCK_MONOTONIC, to a few milliseconds
  std::uint64_t device, inode;  // what the descriptor is of: its number may have passed on to another unseen
  std::uint64_t address, length;  // of a mapping, as asked for
  std::uint64_t bytes;
  char memory[4096 - 72];
};
static_assert(sizeof(CreationRecord) == 4096);

// Whose record it is, told apart from a torn one: 32 bits count how often it began or ended to be written,
// odd while it is; 32 are the thread's id, the descriptor and 1, or the mapping's place() and 1. 0: nobody's.
using CreationState = std::atomic<std::uint64_t>;
constexpr bool is_being_written(std::uint64_t state) {
  return (state >> 32 & 1) != 0;
}
constexpr std::uint32_t owner_of(std::uint64_t state) {
  return static_cast<std::uint32_t>(state);
}

inline constexpr std::uint32_t max_descriptor_records = 4096;  // by number; beyond that, they share places
inline constexpr std::uint32_t max_thread_records = 1024;      // of those that live
inline constexpr std::uint32_t max_mapping_records = 1024;

struct CreationRecords {
  CreationState descriptor_states[max_descriptor_records], thread_states[max_thread_records];
  alignas(4096) CreationRecord descriptors[max_descriptor_records];
  CreationRecord threads[max_thread_records];
  CreationState mapping_states[max_mapping_records];
  alignas(4096) CreationRecord mappings[max_mapping_records];
};

}  // namespace soakline
