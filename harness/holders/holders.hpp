// Who keeps blocks of some sites, or heap chunks without the agent, alive: seen from outside in a copy of the
// process's memory, without a pause unless one was asked for: the chain of holders from a global, a
// thread-local or a stack down to them, or that nothing points at them. A best guess beside a verdict, never
// the verdict: memory that changes while it is copied may look torn, pointers in registers and compressed
// ones are not seen, and freed memory that was not used again may still point somewhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/holders/held_blocks.hpp"
#include "harness/holders/pause.hpp"
#include "harness/holders/root_map.hpp"
#include "harness/live_heap.hpp"
#include "harness/symbols.hpp"

namespace soakline {

struct HolderLook {
  std::string unusable = {};             // why there is nothing to be seen; "" if there is
  std::string incomplete = {};           // why some may be held where nobody looked; "" if none
  std::uint64_t survivors = 0;           // blocks that were looked for
  std::vector<std::uint64_t> lost = {};  // those that nothing reachable points at, by ascending address
  // From the root down: {"statics()::only", "Statics +0x58", "Node × 41,206 (linked)", "Body × 41,206"}; the
  // place in it at which the pointer to the next lies, ".." behind the least of several. Empty if all are
  // lost.
  std::vector<std::string> chain = {};
  std::uint64_t held = 0;  // survivors that the root holds
  // Place in the chain of the last block without which 95 % of them would be lost; 0: none but the root.
  std::size_t hangs_on = 0;
  Tier tier = Tier::none;  // of the root
};

// Of the wanted ones among the blocks. A process that ends meanwhile is unusable, no error.
HolderLook look_at_holders(HeldBlocks& blocks, int pid, Looking looking, Symbols& symbols);
// The blocks of these sites born in these epochs.
HolderLook look_at_holders(const LiveProcess& process, int pid, std::span<const std::uint32_t> sites,
                           std::uint32_t born_from_epoch, std::uint32_t born_until_epoch, Looking looking,
                           Symbols& symbols);

// Several looks, seconds apart, as one answer: the root that held most survivors in all of them, and lost
// only what was lost in each.
class Holders {
 public:
  void add(HolderLook look);

  std::size_t looks() const { return looks_.size(); }  // that were of use
  // Of the look that showed the root best; its `lost` are those of all.
  HolderLook answer() const;

 private:
  const HolderLook& best() const;

  std::vector<HolderLook> looks_;
  std::string unusable_ = "no look was taken";
};

}  // namespace soakline
