// What lies before each block that the agent hands out.
#pragma once

#include <cstddef>
#include <cstdint>

namespace soakline {

inline constexpr std::uint32_t header_bytes_log2 = 4;
inline constexpr std::size_t header_bytes = 1 << header_bytes_log2;
inline constexpr std::uint64_t largest_block = (std::uint64_t{1} << 40) - 1;

// What a block takes of glibc's heap without us: its chunk (malloc/malloc.c, "request2size"). Other
// allocators' size classes are near enough; what was asked for would be a fourth less than what small blocks
// cost.
constexpr std::uint64_t footprint(std::uint64_t size) {
  const std::uint64_t chunk = (size + 8 + 15) & ~std::uint64_t{15};
  return chunk < 32 ? 32 : chunk;
}

// Where and when a block was born.
struct Birth {
  std::uint64_t size;  // as asked for
  std::uint32_t site, epoch;
  std::uint32_t offset_log2;  // of the block in what the allocator gave: 4 unless it is aligned to more
  std::uint32_t generation;   // of the process: a fork's child does not count what its parent has made
  std::uint32_t sample = 0;   // 1 + number of its StackSample; 0: none
};

// What headers are checked with, by where the process has mapped its LiveFile, a fork's child in the same
// place: that is secret enough, for the check is against chance, not against anyone.
constexpr std::uint64_t header_secret(std::uint64_t mapped_at) {
  return mapped_at * 0x9e3779b97f4a7c15ULL | 1;
}

struct BlockHeader {
  std::uint64_t what;   // size 40 bits, site 14, offset 5, generation 5
  std::uint32_t when;   // epoch 16 bits, sample 16
  std::uint32_t check;  // of all that and of the block's address: what it does not fit is no block of ours

  static BlockHeader* of(void* block) { return static_cast<BlockHeader*>(block) - 1; }

  void write(const void* block, std::uint64_t secret, const Birth& birth) {
    what = birth.size << 24 | birth.site << 10 | birth.offset_log2 << 5 | (birth.generation & 31);
    when = birth.epoch << 16 | birth.sample;
    check = check_of(block, secret);
  }
  bool fits(const void* block, std::uint64_t secret) const { return check == check_of(block, secret); }
  void clear() { check = ~check; }
  Birth birth() const {
    return {.size = what >> 24,
            .site = static_cast<std::uint32_t>(what >> 10) & 0x3fff,
            .epoch = when >> 16,
            .offset_log2 = static_cast<std::uint32_t>(what >> 5) & 31,
            .generation = static_cast<std::uint32_t>(what) & 31,
            .sample = when & 0xffff};
  }

 private:
  // Two multiplications mix every bit into the upper half (as the finalizers of common hash functions do).
  std::uint32_t check_of(const void* block, std::uint64_t secret) const {
    std::uint64_t mixed = (reinterpret_cast<std::uintptr_t>(block) ^ secret) * 0x9e3779b97f4a7c15ULL;
    mixed = ((mixed ^ what) + when) * 0xd6e8feb86659fd93ULL;
    return static_cast<std::uint32_t>(mixed >> 32);
  }
};
static_assert(sizeof(BlockHeader) == header_bytes);

}  // namespace soakline
