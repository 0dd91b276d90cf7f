// Which block points at which, and from where outside the heap; and what is reached from there.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/holders/block_index.hpp"
#include "harness/holders/root_map.hpp"

namespace soakline {

struct Edge {
  std::uint32_t to;
  std::uint32_t word;  // of the block that it starts from: where the pointer lies
};

// A pointer outside the heap's blocks.
struct RootSlot {
  std::uint64_t address = 0;  // where it lies; the descriptor where the kernel has it
  std::uint32_t to = no_block;
  Tier tier = Tier::other;
};

class Graph {
 public:
  // Every word that is the address of a block or of what is in it is a pointer, whatever its highest 16 bits
  // are: lock-free structures keep counters there.
  Graph(const MemoryImage& image, const BlockIndex& blocks, const RootMap& roots);

  std::uint32_t size() const { return static_cast<std::uint32_t>(first_.size() - 1); }
  std::span<const Edge> edges_of(std::uint32_t block) const {
    return std::span(edges_).subspan(first_[block], first_[block + 1] - first_[block]);
  }
  const std::vector<RootSlot>& roots() const { return roots_; }
  // A root of another kind: the block that a thread's stack lies in, or what the kernel keeps.
  void add_root(const RootSlot& root) { roots_.push_back(root); }
  // Why it is not whole; "" if it is.
  const std::string& incomplete() const { return incomplete_; }

 private:
  void scan(const char* copy, std::uint64_t from, std::uint64_t to, std::uint32_t block);
  void add_root_slot(std::uint64_t address, std::uint64_t value, std::uint32_t to);

  const MemoryImage& image_;
  const BlockIndex& blocks_;
  const RootMap& root_map_;
  std::uint64_t lowest_ = 0, highest_ = 0;
  RootPlace place_;  // of the last root
  std::vector<std::uint32_t> first_;
  std::vector<Edge> edges_;
  std::vector<RootSlot> roots_;
  std::string incomplete_;
};

// Breadth first, one tier after the other: how each block is reached.
class Reached {
 public:
  // `last`: later tiers are left out; `without`: as if that block were none.
  explicit Reached(const Graph& graph, Tier last = Tier::other, std::uint32_t without = no_block);

  bool is(std::uint32_t block) const { return by_[block].from != nothing; }
  bool from_root(std::uint32_t block) const { return (by_[block].from & root_bit) != 0; }
  std::uint32_t root(std::uint32_t block) const { return by_[block].from & ~root_bit; }
  std::uint32_t holder(std::uint32_t block) const { return by_[block].from; }
  std::uint32_t word(std::uint32_t block) const { return by_[block].word; }  // in its holder
  // All that are reached, each after its holder.
  const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  static constexpr std::uint32_t nothing = ~std::uint32_t{0}, root_bit = std::uint32_t{1} << 31;
  struct By {
    std::uint32_t from = nothing, word = 0;
  };
  std::vector<By> by_;
  std::vector<std::uint32_t> order_;
};

}  // namespace soakline
