#include "harness/holders/chunk_blocks.hpp"

#include <limits>

#include "harness/holders/waiting_chunks.hpp"

namespace soakline {
namespace {

// malloc/malloc.c, "Chunk layout"
constexpr std::uint64_t prev_in_use = 1, is_mmapped = 2, flag_bits = 7;

// How much of the chunk is the program's, as the copy shows it; 0 if it is none or free there.
std::uint64_t usable_bytes(const MemoryImage& image, const HeapChunk& chunk) {
  const std::uint64_t head = image.word(chunk.start + 8).value_or(0);
  if ((head & ~flag_bits) != chunk.bytes || !image.word(chunk.block())) return 0;
  if ((head & is_mmapped) != 0) return chunk.bytes - 16;
  const std::uint64_t next_head = image.word(chunk.start + chunk.bytes + 8).value_or(0);
  return (next_head & prev_in_use) != 0 ? chunk.bytes - 8 : 0;
}

}  // namespace

std::vector<HeldBlock> ChunkBlocks::in(const MemoryImage& image) {
  HeapList list = walker_.list(std::numeric_limits<std::uint64_t>::max());
  unusable_ = list.unusable;
  std::erase_if(list.chunks, [&](const HeapChunk& chunk) { return usable_bytes(image, chunk) == 0; });
  const std::vector<bool> waits = waiting_chunks(image, list.chunks, list.arenas);
  std::vector<HeldBlock> blocks;
  blocks.reserve(list.chunks.size());
  for (std::size_t i = 0; i < list.chunks.size(); ++i) {
    if (waits[i]) continue;
    HeapChunk& chunk = list.chunks[i];
    chunk.first_word = image.word(chunk.block()).value_or(0);
    HeldBlock block{chunk.block(), usable_bytes(image, chunk)};
    block.wanted = wanted_(chunk);
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace soakline
