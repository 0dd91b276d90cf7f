#include "harness/holders/block_index.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace soakline {
namespace {

constexpr std::uint64_t granule_bytes = 16;  // least alignment of a block

}  // namespace

BlockIndex::BlockIndex(const MemoryImage& image, std::vector<HeldBlock> blocks)
    : image_(image), blocks_(std::move(blocks)), begins_(image.bytes() / granule_bytes / 64 + 1) {
  mark();
  rank();
}

void BlockIndex::mark() {
  auto run = image_.runs().begin();
  for (const HeldBlock& block : blocks_) {
    while (run->end <= block.address) ++run;
    const std::size_t granule = (run->offset + (block.address - run->start)) / granule_bytes;
    begins_[granule / 64] |= std::uint64_t{1} << granule % 64;
  }
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
