#include "harness/holders/graph.hpp"

#include <algorithm>
#include <limits>

#include "harness/agent/block_header.hpp"

namespace soakline {
namespace {

constexpr std::uint64_t address_bits = (std::uint64_t{1} << 48) - 1;
constexpr std::size_t most_edges = 400'000'000;  // 3.2 GB
constexpr std::uint64_t chunk_header_bytes = 16;

std::uint64_t word_aligned(std::uint64_t address) {
  return (address + 7) & ~std::uint64_t{7};
}

// glibc's lists of free memory and its `top` point at the chunk behind a block, whose first word still is the
// block's (malloc/malloc.c, "Chunk layout").
bool is_chunk_behind(const MemoryImage& image, const HeldBlock& block, std::uint64_t address) {
  const std::uint64_t chunk = block.base() - chunk_header_bytes;
  return address - chunk == (image.word(chunk + 8).value_or(0) & ~std::uint64_t{7});
}

}  // namespace

Graph::Graph(const MemoryImage& image, const BlockIndex& blocks, const RootMap& roots)
    : image_(image), blocks_(blocks), root_map_(roots) {
  first_.assign(blocks.size() + std::size_t{1}, 0);
  if (blocks.size() == 0) return;
  lowest_ = blocks.blocks().front().address;
  highest_ = blocks.blocks().back().end();
  std::uint32_t next = 0;  // the block at the place that is read, or behind it
  for (const PageRun& run : image.runs()) {
    for (std::uint64_t at = run.start; at < run.end;) {
      while (next < blocks.size() && word_aligned(blocks[next].end()) <= at)
        first_[++next] = static_cast<std::uint32_t>(edges_.size());
      const bool inside = next < blocks.size() && blocks[next].address <= at;
      std::uint64_t to = run.end;
      if (inside)
        to = std::min(to, word_aligned(blocks[next].end()));
      else if (next < blocks.size())
        to = std::min(to, std::max(at, blocks[next].address - header_bytes));
      scan(image.data(run) + (at - run.start), at, to, inside ? next : no_block);
      at = inside || to == run.end ? to : blocks[next].address;
    }
    if (edges_.size() + roots_.size() > most_edges) {
      incomplete_ = "there are too many pointers";
      break;
    }
  }
  while (next < blocks.size()) first_[++next] = static_cast<std::uint32_t>(edges_.size());
}

void Graph::scan(const char* copy, std::uint64_t from, std::uint64_t to, std::uint32_t block) {
  for (std::uint64_t at = from; at < to; at += 8, copy += 8) {
    const std::uint64_t value = word_at(copy) & address_bits;
    if (value < lowest_ || value >= highest_) continue;
    const std::uint32_t target = blocks_.find(value);
    if (target == no_block || target == block) continue;
    if (block == no_block) {
      add_root_slot(at, value, target);
    } else {
      const std::uint64_t word = (at - blocks_[block].address) / 8;
      edges_.push_back({target, static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                    word, std::numeric_limits<std::uint32_t>::max()))});
    }
  }
}

void Graph::add_root_slot(std::uint64_t address, std::uint64_t value, std::uint32_t to) {
  if (address < place_.start || address >= place_.end) place_ = root_map_.at(address);
  const Tier tier = place_.tier;
  if (tier == Tier::none) return;
  if ((tier == Tier::system_globals || tier == Tier::other) && is_chunk_behind(image_, blocks_[to], value))
    return;
  roots_.push_back({address, to, tier});
}

Reached::Reached(const Graph& graph, Tier last, std::uint32_t without) : by_(graph.size()) {
  std::vector<std::vector<std::uint32_t>> by_tier(static_cast<std::size_t>(last) + 1);
  for (std::uint32_t root = 0; root < graph.roots().size(); ++root)
    if (const Tier tier = graph.roots()[root].tier; tier <= last)
      by_tier[static_cast<std::size_t>(tier)].push_back(root);
  std::size_t next = 0;
  const auto reach = [&](std::uint32_t block, std::uint32_t from, std::uint32_t word) {
    if (by_[block].from != nothing || block == without) return;
    by_[block] = {from, word};
    order_.push_back(block);
  };
  for (const auto& roots : by_tier) {
    for (const std::uint32_t root : roots) reach(graph.roots()[root].to, root | root_bit, 0);
    for (; next < order_.size(); ++next) {
      const std::uint32_t block = order_[next];
      for (const Edge& edge : graph.edges_of(block)) reach(edge.to, block, edge.word);
    }
  }
}

}  // namespace soakline
