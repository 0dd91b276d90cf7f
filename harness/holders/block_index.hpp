// Which block an address points into.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/holders/held_blocks.hpp"
#include "harness/holders/memory_image.hpp"

namespace soakline {

inline constexpr std::uint32_t no_block = ~std::uint32_t{0};

class BlockIndex {
 public:
  // `blocks`: in ascending order of addresses, which are multiples of 16 and in the copy.
  BlockIndex(const MemoryImage& image, std::vector<HeldBlock> blocks);

  const std::vector<HeldBlock>& blocks() const { return blocks_; }
  const HeldBlock& operator[](std::uint32_t number) const { return blocks_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(blocks_.size()); }
  // The block that an address points into, at its beginning or not; no_block if there is none.
  std::uint32_t find(std::uint64_t address) const;

 private:
  void mark();
  void rank();

  const MemoryImage& image_;
  std::vector<HeldBlock> blocks_;
  // Beginnings of blocks by 16 bytes of the copy, and how many there are before each 64 of them.
  std::vector<std::uint64_t> begins_;
  std::vector<std::uint32_t> before_;
};

}  // namespace soakline
