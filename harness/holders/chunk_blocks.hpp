// The chunks of glibc's heaps that are in use, as blocks: what there is without the agent.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/heap_walk.hpp"
#include "harness/holders/held_blocks.hpp"

namespace soakline {

class ChunkBlocks : public HeldBlocks {
 public:
  ChunkBlocks(int pid, std::function<bool(const HeapChunk&)> wanted)
      : walker_(pid), wanted_(std::move(wanted)) {}

  std::string unusable() const override { return unusable_; }
  // The heap is walked after the copy, and of that only what the copy agrees with is taken.
  std::vector<HeldBlock> in(const MemoryImage& image) override;
  std::uint64_t caller(const HeldBlock& /*block*/) override { return 0; }

 private:
  HeapWalker walker_;
  std::function<bool(const HeapChunk&)> wanted_;
  std::string unusable_;
};

}  // namespace soakline
