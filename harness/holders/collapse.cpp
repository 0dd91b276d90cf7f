#include "harness/holders/collapse.hpp"

#include <algorithm>
#include <unordered_map>

namespace soakline {
namespace {

constexpr std::uint32_t no_state = ~std::uint32_t{0};

// Blocks of one kind that are reached through the same kinds.
struct State {
  std::uint32_t parent = no_state;
  std::uint64_t kind = 0;
  std::uint64_t own_survivors = 0, survivors = 0;  // among its blocks; in what they hold, too
  std::uint64_t last_at = 0;
  HolderStep step = {};
  std::unordered_map<std::uint64_t, std::uint32_t> children = {};  // by kind
};

class States {
 public:
  States() { states_.push_back({}); }  // the root

  // The state of a block of that kind below a state: itself or one above it if that is of the kind, so that
  // lists whose links take turns are one step.
  std::uint32_t below(std::uint32_t parent, std::uint64_t kind) {
    for (std::uint32_t state = parent; state != 0; state = states_[state].parent)
      if (states_[state].kind == kind) return state;
    const auto next = static_cast<std::uint32_t>(states_.size());
    const auto [known, is_new] = states_[parent].children.try_emplace(kind, next);
    const std::uint32_t state = known->second;
    if (is_new) states_.push_back({parent, kind});
    return state;
  }
  void add(std::uint32_t state, std::uint32_t holder, std::uint32_t block, std::uint64_t at, bool survives) {
    HolderStep& step = states_[state].step;
    if (step.blocks++ == 0) step.block = block;
    states_[state].own_survivors += survives ? 1 : 0;
    if (states_[state].parent != holder) {
      step.linked = true;
      return;
    }
    step.held_at_several = step.held_at_several || (states_[state].last_at != at && step.blocks > 1);
    step.held_at = step.blocks == 1 ? at : std::min(step.held_at, at);
    states_[state].last_at = at;
  }
  // Down to where as many survivors are themselves as anything below them holds.
  std::vector<HolderStep> main_path() {
    for (std::size_t i = states_.size(); i-- > 0;) {
      states_[i].survivors += states_[i].own_survivors;
      if (i > 0) states_[states_[i].parent].survivors += states_[i].survivors;
    }
    std::vector<HolderStep> path;
    for (std::uint32_t state = 0;;) {
      std::uint32_t best = no_state;
      for (const auto& [kind, child] : states_[state].children)
        if (best == no_state || states_[child].survivors > states_[best].survivors) best = child;
      if (best == no_state || (state != 0 && states_[state].own_survivors >= states_[best].survivors)) break;
      path.push_back(states_[best].step);
      state = best;
    }
    return path;
  }

 private:
  std::vector<State> states_;  // each after its parent
};

// By block, how many survivors are in its part of the tree.
std::vector<std::uint32_t> survivors_below(const Graph& graph, const Reached& reached,
                                           const std::vector<std::uint32_t>& survivors) {
  std::vector<std::uint32_t> below(graph.size());
  for (const std::uint32_t block : survivors) below[block] = 1;
  const auto& order = reached.order();
  for (auto block = order.rbegin(); block != order.rend(); ++block)
    if (!reached.from_root(*block)) below[reached.holder(*block)] += below[*block];
  return below;
}

}  // namespace

HolderPath holder_path(const Graph& graph, const Reached& reached,
                       const std::vector<std::uint32_t>& survivors,
                       const std::function<std::uint64_t(std::uint32_t)>& kind_of,
                       const std::function<std::uint64_t(const RootSlot&)>& group_of) {
  const std::vector<std::uint32_t> below = survivors_below(graph, reached, survivors);
  struct Group {
    std::uint64_t key = 0, survivors = 0, of_slot = 0;
    std::uint32_t slot = 0;
  };
  std::vector<Group> groups;  // the first that is reached stands first
  std::unordered_map<std::uint64_t, std::size_t> number_of;
  for (const std::uint32_t block : reached.order()) {
    if (!reached.from_root(block) || below[block] == 0) continue;
    const std::uint64_t key = group_of(graph.roots()[reached.root(block)]);
    const auto [known, is_new] = number_of.try_emplace(key, groups.size());
    if (is_new) groups.push_back({key});
    Group& group = groups[known->second];
    group.survivors += below[block];
    if (below[block] > group.of_slot) {
      group.of_slot = below[block];
      group.slot = reached.root(block);
    }
  }
  HolderPath path;
  if (groups.empty()) return path;
  const Group& best = *std::max_element(
      groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.survivors < b.survivors; });
  path.survivors = best.survivors;
  path.root = best.slot;

  States states;
  std::vector<std::uint32_t> state_of(graph.size(), no_state);
  std::vector<bool> survives(graph.size());
  for (const std::uint32_t block : survivors) survives[block] = true;
  for (const std::uint32_t block : reached.order()) {
    if (below[block] == 0) continue;
    std::uint32_t holder = 0;
    std::uint64_t at = 0;
    if (reached.from_root(block)) {
      if (group_of(graph.roots()[reached.root(block)]) != best.key) continue;
      path.group.push_back(reached.root(block));
    } else {
      holder = state_of[reached.holder(block)];
      at = std::uint64_t{reached.word(block)} * 8;
      if (holder == no_state) continue;
    }
    state_of[block] = states.below(holder, kind_of(block));
    states.add(state_of[block], holder, block, at, survives[block]);
  }
  path.steps = states.main_path();
  return path;
}

double share_hanging_on(const Graph& graph, std::uint32_t block,
                        const std::vector<std::uint32_t>& survivors) {
  const Reached without(graph, Tier::system_globals, block);
  const auto cut = std::count_if(survivors.begin(), survivors.end(),
                                 [&](std::uint32_t survivor) { return !without.is(survivor); });
  return survivors.empty() ? 0 : static_cast<double>(cut) / static_cast<double>(survivors.size());
}

}  // namespace soakline
