// From all ways on which survivors are reached, the one that most of them have in common: runs of blocks of
// one kind are one step.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/holders/graph.hpp"

namespace soakline {

struct HolderStep {
  std::uint32_t block = no_block;  // one of them
  std::uint64_t blocks = 0;        // that hold survivors, or are some
  bool linked = false;             // some are held by others of the step
  std::uint64_t held_at = 0;       // least place in the step before at which a pointer lies
  bool held_at_several = false;
};

struct HolderPath {
  std::uint32_t root = 0;                 // of the graph: the slot that most survivors of its group hang on
  std::uint64_t survivors = 0;            // held by the group of roots
  std::vector<HolderStep> steps;          // from the root down; none where nothing holds any
  std::vector<std::uint32_t> group = {};  // all slots of the root's group that hold any
};

// `kind_of`: blocks of one kind were born at one place. `group_of`: slots of one object, or of stacks that
// are alike, are one root.
HolderPath holder_path(const Graph& graph, const Reached& reached,
                       const std::vector<std::uint32_t>& survivors,
                       const std::function<std::uint64_t(std::uint32_t)>& kind_of,
                       const std::function<std::uint64_t(const RootSlot&)>& group_of);

// Of these, how many cannot be reached without the block, as a share.
double share_hanging_on(const Graph& graph, std::uint32_t block, const std::vector<std::uint32_t>& survivors);

}  // namespace soakline
