#include "harness/holders/agent_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "harness/agent/block_header.hpp"

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

AgentBlocks::AgentBlocks(const LiveProcess& process, int pid, std::span<const std::uint32_t> sites,
                         std::uint32_t born_from_epoch, std::uint32_t born_until_epoch)
    : process_(process),
      pid_(pid),
      from_(born_from_epoch),
      until_(born_until_epoch),
      secret_(header_secret(process.mapped_at())),
      generation_(process.generation()),
      sites_(max_sites) {
  for (const std::uint32_t site : sites)
    if (site < max_sites) sites_[site] = true;
}

std::string AgentBlocks::unusable() const {
  return process_.is_mapped_by(pid_) ? "" : "it has ended, or is another program now";
}

std::vector<HeldBlock> AgentBlocks::in(const MemoryImage& image) {
  std::vector<HeldBlock> blocks;
  std::uint64_t block_end = 0;
  for (const PageRun& run : image.runs()) {
    const char* const copy = image.data(run);
    const std::uint64_t mapped_end = image.mapped_end(run.start);
    for (std::uint64_t at = std::max(run.start, block_end); at + granule_bytes < run.end;) {
      auto block = block_at(copy + (at - run.start), at + header_bytes, mapped_end, secret_);
      if (block) {
        block->wanted = is_wanted(*block);
        blocks.push_back(*block);
        block_end = (block->end() + granule_bytes - 1) / granule_bytes * granule_bytes;
      }
      at = block ? block_end : at + granule_bytes;
    }
  }
  return blocks;
}

bool AgentBlocks::is_wanted(const HeldBlock& block) const {
  return sites_[block.site] && block.generation == generation_ && block.epoch >= from_ &&
         block.epoch <= until_;
}

std::uint64_t AgentBlocks::caller(const HeldBlock& block) {
  if (block.generation != generation_) return 0;
  const auto [known, is_new] = callers_.try_emplace(block.site, 0);
  if (is_new) known->second = process_.site(block.site).caller;
  return known->second;
}

}  // namespace soakline
