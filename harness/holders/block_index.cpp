#include "harness/holders/block_index.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace soakline {
namespace {

constexpr std::uint64_t granule_bytes = 16;  // least alignment of a block

// The block whose header lies there, if it is one.
std::optional<HeldBlock> block_at(const char* header_copy, std::uint64_t address, std::uint64_t mapped_end,
                                  std::uint64_t secret) {
  BlockHeader header;
  std::memcpy(&header, header_copy, sizeof header);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address of the other process, of which the check is made
  if (!header.fits(reinterpret_cast<const void*>(address), secret)) return std::nullopt;
  const Birth birth = header.birth();
  const bool plausible = birth.offset_log2 >= header_bytes_log2 && birth.size <= mapped_end - address;
  if (!plausible) return std::nullopt;
  return HeldBlock{address,
                   birth.size,
                   static_cast<std::uint16_t>(birth.site),
                   static_cast<std::uint16_t>(birth.epoch),
                   static_cast<std::uint8_t>(birth.offset_log2),
                   static_cast<std::uint8_t>(birth.generation)};
}

}  // namespace

BlockIndex::BlockIndex(const MemoryImage& image, std::uint64_t secret)
    : image_(image), begins_(image.bytes() / granule_bytes / 64 + 1) {
  std::uint64_t block_end = 0;
  for (const PageRun& run : image.runs()) {
    const char* const copy = image.data(run);
    const std::uint64_t mapped_end = image.mapped_end(run.start);
    for (std::uint64_t at = std::max(run.start, block_end); at + granule_bytes < run.end;) {
      const std::uint64_t address = at + header_bytes;
      const auto block = block_at(copy + (at - run.start), address, mapped_end, secret);
      if (block) {
        add((run.offset + (address - run.start)) / granule_bytes, *block);
        block_end = (block->end() + granule_bytes - 1) / granule_bytes * granule_bytes;
      }
      at = block ? block_end : at + granule_bytes;
    }
  }
  rank();
}

void BlockIndex::add(std::size_t granule, const HeldBlock& block) {
  begins_[granule / 64] |= std::uint64_t{1} << granule % 64;
  blocks_.push_back(block);
}

void BlockIndex::rank() {
  before_.reserve(begins_.size());
  std::uint32_t sum = 0;
  for (const std::uint64_t word : begins_) {
    before_.push_back(sum);
    sum += static_cast<std::uint32_t>(std::popcount(word));
  }
}

std::uint32_t BlockIndex::find(std::uint64_t address) const {
  if (blocks_.empty() || address < blocks_.front().address) return no_block;
  const PageRun* const run = image_.run_before(address);
  if (run == nullptr) return no_block;
  // Of a block's pages some may be absent: the last beginning before it still is the block's.
  const std::size_t granule = (run->offset + (std::min(address, run->end - 1) - run->start)) / granule_bytes;
  const std::uint64_t up_to = begins_[granule / 64] << (63 - granule % 64);
  const std::uint32_t number = before_[granule / 64] + static_cast<std::uint32_t>(std::popcount(up_to));
  return number > 0 && address < blocks_[number - 1].end() ? number - 1 : no_block;
}

}  // namespace soakline
