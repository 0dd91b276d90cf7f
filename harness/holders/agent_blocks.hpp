// The blocks that the agent handed out and that live, by their headers; looked for are those of some sites.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "harness/holders/held_blocks.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

class AgentBlocks : public HeldBlocks {
 public:
  // Those born at the sites in these epochs.
  AgentBlocks(const LiveProcess& process, int pid, std::span<const std::uint32_t> sites,
              std::uint32_t born_from_epoch, std::uint32_t born_until_epoch);

  std::string unusable() const override;
  std::vector<HeldBlock> in(const MemoryImage& image) override;
  // None where it was born in a fork's parent, whose sites have other numbers.
  std::uint64_t caller(const HeldBlock& block) override;

 private:
  bool is_wanted(const HeldBlock& block) const;

  const LiveProcess& process_;
  int pid_;
  std::uint32_t from_, until_;
  std::uint64_t secret_;  // what the target's headers are checked with
  std::uint32_t generation_;
  std::vector<bool> sites_;
  std::map<std::uint16_t, std::uint64_t> callers_;
};

}  // namespace soakline
