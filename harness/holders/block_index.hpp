// The blocks that the agent handed out and that live, as a copy of the memory shows them.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/agent/block_header.hpp"
#include "harness/holders/memory_image.hpp"

namespace soakline {

struct HeldBlock {
  std::uint64_t address = 0, size = 0;
  std::uint16_t site = 0, epoch = 0;
  std::uint8_t offset_log2 = 0;
  std::uint8_t generation = 0;

  std::uint64_t end() const { return address + (size > 0 ? size : 1); }
  std::uint64_t base() const { return address - (std::uint64_t{1} << offset_log2); }
};

inline constexpr std::uint32_t no_block = ~std::uint32_t{0};

class BlockIndex {
 public:
  // `secret`: what the target's headers are checked with.
  BlockIndex(const MemoryImage& image, std::uint64_t secret);

  // In ascending order of addresses.
  const std::vector<HeldBlock>& blocks() const { return blocks_; }
  const HeldBlock& operator[](std::uint32_t number) const { return blocks_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(blocks_.size()); }
  // The block that an address points into, at its beginning or not; no_block if there is none.
  std::uint32_t find(std::uint64_t address) const;

 private:
  void add(std::size_t granule, const HeldBlock& block);
  void rank();

  const MemoryImage& image_;
  std::vector<HeldBlock> blocks_;
  // Beginnings of blocks by 16 bytes of the copy, and how many there are before each 64 of them.
  std::vector<std::uint64_t> begins_;
  std::vector<std::uint32_t> before_;
};

}  // namespace soakline
