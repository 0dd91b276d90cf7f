// What blocks are: those that the agent handed out, by their headers, or chunks of glibc's heaps. All else
// about who holds them is the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/holders/memory_image.hpp"

namespace soakline {

struct HeldBlock {
  std::uint64_t address = 0, size = 0;
  std::uint16_t site = 0, epoch = 0;  // 0 without the agent
  std::uint8_t offset_log2 = 0;       // of the address behind malloc's own; 0: it is malloc's own
  std::uint8_t generation = 0;
  bool wanted = false;  // its holders are looked for

  std::uint64_t end() const { return address + (size > 0 ? size : 1); }
  bool is_chunk() const { return offset_log2 == 0; }
  // Of glibc, with its header, of which the next one lends it a word.
  std::uint64_t chunk_bytes() const { return (size + 8 + 15) / 16 * 16; }
  // What malloc gave.
  std::uint64_t base() const { return is_chunk() ? address : address - (std::uint64_t{1} << offset_log2); }
};

class HeldBlocks {
 public:
  virtual ~HeldBlocks() = default;
  // Why there are none to be found, or none any more; "" if there are.
  virtual std::string unusable() const = 0;
  // Those that the copy shows, in ascending order of addresses, apart from each other.
  virtual std::vector<HeldBlock> in(const MemoryImage& image) = 0;
  // Where the call that made it returns to; 0 if that is not known.
  virtual std::uint64_t caller(const HeldBlock& block) = 0;
};

}  // namespace soakline
