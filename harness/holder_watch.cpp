#include "harness/holder_watch.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "harness/evidence/holder_evidence.hpp"

namespace soakline {
namespace {

constexpr std::size_t stacks_explained = 2;
constexpr double most_of_the_time = 0.05;  // spent looking: meanwhile no samples are taken

}  // namespace

const HolderWatch::Watched* HolderWatch::at_sample(double time_s, double between_s) {
  if (time_s < due_s_) return nullptr;
  const auto next = std::find_if(watched_.begin(), watched_.end(), [](const Watched& watched) {
    return watched.holders.looks() < looks_wanted && watched.tries < most_tries;
  });
  if (next == watched_.end()) return nullptr;
  const auto began = std::chrono::steady_clock::now();
  look(*next);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  due_s_ = time_s + std::max(between_s, took.count() / most_of_the_time);
  return next->holders.looks() == looks_wanted ? &*next : nullptr;
}

// The process that holds most of the suspect's sites.
void HolderWatch::look(Watched& watched) const {
  ++watched.tries;
  std::map<int, std::vector<std::uint32_t>> sites;
  for (const std::uint32_t number : watched.suspect.sites) {
    const SiteOfProcess& place = counts_.sites().at(number);
    if (number > 0 && live_.processes().contains(place.pid)) sites[place.pid].push_back(place.site);
  }
  const auto& epochs = recording_.epochs;
  if (sites.empty() || epochs.empty()) return;
  const auto& [pid, most] = *std::max_element(sites.begin(), sites.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  const auto first =
      std::lower_bound(epochs.begin(), epochs.end(), judged_from_s_,
                       [](const Epoch& epoch, double time_s) { return epoch.from_s < time_s; });
  Symbols symbols(pid);
  watched.holders.add(look_at_holders(live_.processes().at(pid), pid, most,
                                      static_cast<std::uint32_t>(first - epochs.begin()),
                                      static_cast<std::uint32_t>(epochs.size() - 1), looking_, symbols));
}

std::vector<Evidence> HolderWatch::evidence(const std::vector<Evidence>& stacks, MissingLooks missing_looks) {
  std::vector<Evidence> found;
  for (const Evidence& stack : stacks) {
    if (stack.kind != "stack" || stack.sites.empty() || found.size() == stacks_explained) continue;
    auto known = std::find_if(watched_.begin(), watched_.end(),
                              [&](const Watched& watched) { return watched.suspect.frames == stack.frames; });
    if (known == watched_.end()) known = watched_.insert(known, {stack, {}});
    while (missing_looks == MissingLooks::taken && known->holders.looks() < looks_wanted &&
           known->tries < most_tries)
      look(*known);
    if (Evidence one = holder_evidence(stack.share, known->holders.answer()); !one.frames.empty())
      found.push_back(std::move(one));
  }
  return found;
}

}  // namespace soakline
