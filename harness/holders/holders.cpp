#include "harness/holders/holders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>

#include "harness/holders/agent_blocks.hpp"
#include "harness/holders/block_index.hpp"
#include "harness/holders/collapse.hpp"
#include "harness/holders/data_symbols.hpp"
#include "harness/holders/graph.hpp"
#include "harness/holders/kernel_pointers.hpp"
#include "harness/holders/root_names.hpp"
#include "harness/holders/type_names.hpp"
#include "harness/threads.hpp"

namespace soakline {
namespace {

constexpr double all_but_few = 0.95;
constexpr Tier last_sure_tier = Tier::system_globals;
constexpr double most_of_them = 0.9;
// Of one look: as many copies as it may take, in as much time.
constexpr int most_copies = 10;
constexpr auto longest_look = std::chrono::milliseconds(400);

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// What is read of a process, at one moment where it is paused.
struct Copied {
  std::vector<ThreadState> threads;
  KernelPointers kernel;
  MemoryImage image;
};

Copied copy_of(int pid, Looking looking) {
  std::optional<Pause> pause;
  if (looking == Looking::paused) pause.emplace(pid);
  return {threads_of(pid), kernel_pointers_of(pid), MemoryImage(pid, bytes_to_copy())};
}

// One look: what was read, and what it says.
class Look {
 public:
  Look(HeldBlocks& source, int pid, Looking looking, Symbols& symbols)
      : source_(source),
        pid_(pid),
        symbols_(symbols),
        data_(symbols),
        copied_(copy_of(pid, looking)),
        blocks_(image_, image_.unusable().empty() ? source.in(image_) : std::vector<HeldBlock>()),
        roots_(image_, pid, threads_, data_.thread_local_bytes()),
        graph_(image_, blocks_, roots_),
        vtables_(pid, data_),
        types_(image_, vtables_, symbols_) {
    // A stack that the program has made itself, in memory from malloc.
    for (const ThreadState& thread : threads_)
      if (const std::uint32_t block = blocks_.find(thread.stack_pointer); block != no_block)
        graph_.add_root({thread.stack_pointer, block, Tier::stacks});
    for (const KernelPointer& pointer : kernel_.of_epoll)
      if (const std::uint32_t block = blocks_.find(pointer.value); block != no_block)
        graph_.add_root({static_cast<std::uint64_t>(pointer.descriptor), block, Tier::kernel});
  }

  HolderLook find();

 private:
  std::vector<std::uint32_t> survivors() const;
  // The same for blocks that were born at one place or, where that is not known, are alike.
  std::uint64_t kind(std::uint32_t block);
  void tell(const HolderPath& path, const std::vector<std::uint32_t>& survivors, HolderLook& look);

  HeldBlocks& source_;
  int pid_;
  Symbols& symbols_;
  DataSymbols data_;
  Copied copied_;
  const std::vector<ThreadState>& threads_ = copied_.threads;
  const KernelPointers& kernel_ = copied_.kernel;
  const MemoryImage& image_ = copied_.image;
  BlockIndex blocks_;
  RootMap roots_;
  Graph graph_;
  Vtables vtables_;
  TypeNames types_;
};

HolderLook Look::find() {
  HolderLook look;
  look.unusable = image_.unusable();
  look.incomplete = image_.incomplete().empty() ? graph_.incomplete() : image_.incomplete();
  if (kernel_.has_io_uring && look.incomplete.empty()) look.incomplete = "it may have pointers in io_uring";
  if (!look.unusable.empty()) return look;
  const auto blocks = survivors();
  look.survivors = blocks.size();
  const Reached reached(graph_);
  std::vector<std::uint32_t> held;
  for (const std::uint32_t block : blocks)
    if (reached.is(block))
      held.push_back(block);
    else
      look.lost.push_back(blocks_[block].address);
  RootNames names(pid_, image_, roots_, threads_, data_, symbols_);
  const HolderPath path = holder_path(
      graph_, reached, held, [&](std::uint32_t block) { return kind(block); },
      [&](const RootSlot& slot) { return names.group(slot); });
  if (2 * look.lost.size() > blocks.size() || path.steps.empty()) return look;
  look.held = path.survivors;
  look.tier = graph_.roots()[path.root].tier;
  std::set<int> threads;
  for (const std::uint32_t root : path.group) threads.insert(names.thread_of(graph_.roots()[root]));
  look.chain.push_back(names.name(graph_.roots()[path.root], threads.size() - 1));
  tell(path, held, look);
  return look;
}

std::vector<std::uint32_t> Look::survivors() const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t block = 0; block < blocks_.size(); ++block)
    if (blocks_[block].wanted) found.push_back(block);
  return found;
}

std::uint64_t Look::kind(std::uint32_t block) {
  constexpr std::uint64_t no_address = std::uint64_t{1} << 63;
  if (const std::uint64_t born_at = source_.caller(blocks_[block])) return born_at;
  return blocks_[block].site != 0 ? blocks_[block].site | no_address : types_.kind(blocks_[block]);
}

void Look::tell(const HolderPath& path, const std::vector<std::uint32_t>& survivors, HolderLook& look) {
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const HolderStep& step = path.steps[i];
    std::string text = types_.name(blocks_[step.block], source_.caller(blocks_[step.block]));
    if (step.blocks > 1) text += fmt::format(" × {}", grouped(step.blocks));
    if (step.linked) text += " (linked)";
    if (i + 1 < path.steps.size())
      text +=
          fmt::format(" +{:#x}{}", path.steps[i + 1].held_at, path.steps[i + 1].held_at_several ? ".." : "");
    look.chain.push_back(std::move(text));
  }
  for (std::size_t i = path.steps.size(); i-- > 0 && look.hangs_on == 0;)
    if (path.steps[i].blocks == 1 && share_hanging_on(graph_, path.steps[i].block, survivors) >= all_but_few)
      look.hangs_on = i + 1;
}

// Whether something holds a share of the survivors that one can point at.
bool is_sure(const HolderLook& look, double share) {
  return look.tier <= last_sure_tier &&
         static_cast<double>(look.held) >= share * static_cast<double>(look.survivors);
}

}  // namespace

HolderLook look_at_holders(HeldBlocks& blocks, int pid, Looking looking, Symbols& symbols) {
  // Where it is not sure what holds most of them, the heap may have been at work while it was copied.
  Holders copies;
  const auto enough = std::chrono::steady_clock::now() + longest_look;
  if (std::string why = blocks.unusable(); !why.empty()) return {.unusable = std::move(why)};
  for (int i = 0; i == 0 || (i < most_copies && std::chrono::steady_clock::now() < enough); ++i) {
    HolderLook look = Look(blocks, pid, looking, symbols).find();
    if (std::string why = blocks.unusable(); !why.empty()) return {.unusable = std::move(why)};
    const bool sure = is_sure(look, most_of_them);
    copies.add(std::move(look));
    if (sure) break;
  }
  return copies.answer();
}

HolderLook look_at_holders(const LiveProcess& process, int pid, std::span<const std::uint32_t> sites,
                           std::uint32_t born_from_epoch, std::uint32_t born_until_epoch, Looking looking,
                           Symbols& symbols) {
  AgentBlocks blocks(process, pid, sites, born_from_epoch, born_until_epoch);
  return look_at_holders(blocks, pid, looking, symbols);
}

void Holders::add(HolderLook look) {
  unusable_ = look.unusable;
  if (look.unusable.empty()) looks_.push_back(std::move(look));
}

// By what a root held in all looks; but what is sure to be none goes after what held most in any.
const HolderLook& Holders::best() const {
  const auto votes = [&](const HolderLook& look) {
    std::pair<bool, std::uint64_t> sure_and_held{false, 0};
    if (look.chain.empty()) return sure_and_held;
    for (const HolderLook& other : looks_) {
      if (other.chain.empty() || other.chain.front() != look.chain.front()) continue;
      sure_and_held.first = sure_and_held.first || is_sure(other, 0.5);
      sure_and_held.second += other.held;
    }
    return sure_and_held;
  };
  return *std::max_element(looks_.begin(), looks_.end(), [&](const HolderLook& a, const HolderLook& b) {
    return votes(a) == votes(b) ? a.held < b.held : votes(a) < votes(b);
  });
}

HolderLook Holders::answer() const {
  if (looks_.empty()) return {.unusable = unusable_};
  HolderLook answer = best();
  for (const HolderLook& look : looks_) {
    std::vector<std::uint64_t> in_both;
    std::set_intersection(answer.lost.begin(), answer.lost.end(), look.lost.begin(), look.lost.end(),
                          std::back_inserter(in_both));
    answer.lost = std::move(in_both);
    if (answer.incomplete.empty()) answer.incomplete = look.incomplete;
  }
  return answer;
}

}  // namespace soakline
