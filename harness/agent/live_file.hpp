// The file through which a target tells the harness what lives on its heap, mapped by both, one a process.
// Cells are only ever added to, so that the sum over all of them is exact, whichever thread frees what.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "harness/agent/creation_record.hpp"

namespace soakline {

inline constexpr std::uint64_t live_file_magic = 0x34656c69666576ULL;  // written last: the file is whole

// Births are told apart by epoch, which the harness counts: the clock file beside those of the processes.
struct LiveClock {
  std::atomic<std::uint32_t> epoch;
};

inline constexpr std::uint32_t max_epochs = 1024;    // the last one holds all births from then on
inline constexpr std::uint32_t max_sites = 1 << 14;  // site 0: those for which there was no more room
inline constexpr std::uint32_t max_stripes = 64;  // stripe 0 is shared, each other has one thread that writes
inline constexpr std::uint32_t cached_sites = 1024;
// Blocks younger than this many epochs are counted by stripe, without atomic operations; of older ones, which
// die seldom, only deaths are.
inline constexpr std::uint32_t striped_epochs = 4;
// So many epochs have a row of stripes at once. The harness folds a row into its own books before it is used
// again, and long after the last thread can have written to it.
inline constexpr std::uint32_t striped_rows = 8;

// Blocks and their bytes in one number, so that one addition counts both: exact for less than 2^35 bytes and
// 2^27 blocks a cell, of either sign, since a death may be read without its birth.
inline constexpr int bytes_bits = 36;
constexpr std::int64_t counted(std::int64_t blocks, std::int64_t bytes) {
  return blocks * (std::int64_t{1} << bytes_bits) + bytes;
}
constexpr std::int64_t blocks_in(std::int64_t cell) {
  return (cell + (std::int64_t{1} << (bytes_bits - 1))) >> bytes_bits;
}
constexpr std::int64_t bytes_in(std::int64_t cell) {
  return cell - counted(blocks_in(cell), 0);
}

// Where blocks are born: the code after the call of malloc or operator new, and the power of two that their
// size reaches.
struct Site {
  std::uint64_t caller;
  std::uint32_t size_class;  // sizes of less than 2^size_class, and of at least half of that
};

// The stack at the birth of a block that lives still, for the harness to unwind: the code that it returns to,
// the stack pointer and the frame pointer there, and the memory from the stack pointer up.
struct StackSample {
  std::uint64_t caller, stack_pointer, frame_pointer;
  std::uint32_t site, bytes;
  char memory[8192 - 32];
};
inline constexpr std::uint32_t max_samples = 256;

struct LiveFile {
  std::atomic<std::uint64_t> magic;
  std::uint32_t pid, generation;                           // as in the headers of the blocks that it counts
  std::uint64_t mapped_at;                                 // where the process has it
  std::atomic<std::uint64_t> stripes_taken, stripes_used;  // bits: now, ever
  std::atomic<std::uint32_t> sites_used;                   // numbers given out; a few may be of no site
  // Of which sites stacks are kept: one of so many births, by chance; 0: none. The harness writes it.
  alignas(4096) std::atomic<std::uint32_t> sample_one_of[max_sites];
  // How many more may be taken until the harness allows more: each costs a system call.
  std::atomic<std::int32_t> samples_allowed;
  // Bits of `samples`: in use, and whole.
  alignas(4096) std::atomic<std::uint64_t> samples_taken[max_samples / 64], samples_whole[max_samples / 64];
  alignas(4096) std::atomic<std::uint32_t> sampled[max_sites];  // stacks ever taken, by site
  alignas(4096) StackSample samples[max_samples];
  // A site by the hash of its key: 50 bits of it and 14 of the site's number; 0 is free.
  alignas(4096) std::atomic<std::uint64_t> site_table[2 * max_sites];
  alignas(4096) Site sites[max_sites];
  alignas(4096) std::atomic<std::uint64_t> cache[max_stripes][cached_sites];  // of site_table, by stripe
  alignas(4096) std::int64_t young[striped_rows][max_stripes][max_sites];
  alignas(4096) std::int64_t old[max_epochs][max_sites];
  alignas(4096) CreationRecords creations;
};

}  // namespace soakline
