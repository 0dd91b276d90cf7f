#include "harness/site_evidence.hpp"

#include <algorithm>

#include "harness/symbols.hpp"

namespace soakline {
namespace {

constexpr std::size_t sites_followed = 32;
constexpr double least_share = 0.05;  // of what grew: less explains nothing
constexpr std::size_t stacks_told = 6;
// Stacks between two looks of one site: fewer, and the next of its births is more likely to be one; more,
// less likely.
constexpr std::uint32_t few = 8, many = 64;
constexpr std::uint32_t first_one_of = 256, most_one_of = 1 << 20;
// Of a process between two looks, at some 3 us each: a site that has been quiet may wake up at a million
// births a second.
constexpr std::int32_t samples_a_look = 200;

struct Grown {
  std::vector<std::string> stack;  // of the largest of its sites
  double per_day = 0, share = 0;
  std::vector<std::uint32_t> sites;
  double samples = 0, samples_alive = 0;  // stacks of the births
};

std::vector<std::string> names_of(Symbols& symbols, const std::vector<std::uint64_t>& addresses) {
  std::vector<std::string> texts;
  for (CodeName& name : symbols.told(addresses)) texts.push_back(std::move(name.text));
  return texts;
}

// The stack that most of the site's samples have; the site itself where there is none.
std::vector<std::string> usual_stack(const LiveProcess& process, std::uint32_t site, Symbols& symbols) {
  std::map<std::vector<std::uint64_t>, std::size_t> stacks;
  for (const StackSample& sample : process.samples_of(site))
    ++stacks[symbols.unwind(
        {sample.caller, sample.stack_pointer, sample.frame_pointer,
         std::span(sample.memory, std::min<std::size_t>(sample.bytes, sizeof sample.memory))})];
  if (stacks.empty()) return names_of(symbols, {process.site(site).caller});
  const auto usual = std::max_element(stacks.begin(), stacks.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  return names_of(symbols, usual->first);
}

// The functions of a stack without their lines: one that leaks may do so in several.
std::vector<std::string> functions_of(std::vector<std::string> stack) {
  for (std::string& frame : stack) frame.resize(std::min(frame.size(), frame.find("  ")));
  return stack;
}

}  // namespace

std::vector<SiteGrowth> grown_sites(const LiveHeap& heap, double from_s, double to_s) {
  std::vector<SiteGrowth> sites;
  for (const auto& [pid, process] : heap.processes()) {
    std::vector<LiveCell> kept(process.sites());
    for (std::uint32_t epoch = 0; epoch < process.epochs(); ++epoch) {
      if (heap.began_s(epoch) < from_s || heap.began_s(epoch + 1) > to_s) continue;
      for (std::uint32_t site = 0; site < process.sites(); ++site) {
        const LiveCell cell = process.cell(epoch, site);
        kept[site].blocks += cell.blocks;
        kept[site].bytes += cell.bytes;
      }
    }
    for (std::uint32_t site = 0; site < process.sites(); ++site)
      if (kept[site].bytes > 0) sites.push_back({pid, site, kept[site]});
  }
  std::sort(sites.begin(), sites.end(),
            [](const SiteGrowth& a, const SiteGrowth& b) { return a.kept.bytes > b.kept.bytes; });
  return sites;
}

void SiteSampling::follow(LiveHeap& heap, double from_s, double to_s) {
  auto sites = grown_sites(heap, from_s, to_s);
  if (sites.size() > sites_followed) sites.resize(sites_followed);
  for (const auto& [pid, process] : heap.processes()) heap.process(pid).allow_samples(samples_a_look);
  std::map<std::pair<int, std::uint32_t>, std::uint32_t> followed;
  for (const SiteGrowth& grown : sites) {
    LiveProcess& process = heap.process(grown.pid);
    const auto key = std::pair{grown.pid, grown.site};
    const std::uint32_t taken = process.samples_taken(grown.site);
    const auto before = taken_.find(key);
    std::uint32_t one_of = process.sampled_one_of(grown.site);
    if (before == taken_.end())
      one_of = first_one_of;
    else if (taken - before->second < few)
      one_of = std::max(1U, one_of / 4);
    else if (taken - before->second > many)
      one_of = std::min(most_one_of, one_of * 4);
    process.sample(grown.site, one_of);
    followed[key] = taken;
  }
  for (const auto& [key, taken] : taken_)
    if (!followed.contains(key) && heap.processes().contains(key.first))
      heap.process(key.first).sample(key.second, 0);
  taken_ = std::move(followed);
}

std::vector<Evidence> site_evidence(const LiveHeap& heap, const std::vector<SiteDriftShare>& sites) {
  std::map<int, Symbols> symbols;
  std::map<std::vector<std::string>, Grown> by_functions;
  for (const SiteDriftShare& site : sites) {
    const auto process = heap.processes().find(site.pid);
    if (process == heap.processes().end()) continue;
    auto stack =
        usual_stack(process->second, site.site, symbols.try_emplace(site.pid, site.pid).first->second);
    Grown& grown = by_functions[functions_of(stack)];
    if (grown.stack.empty()) grown.stack = std::move(stack);
    grown.per_day += site.per_day;
    grown.share += site.share;
    if (site.number > 0) grown.sites.push_back(site.number);
    grown.samples += process->second.samples_taken(site.site);
    grown.samples_alive += static_cast<double>(process->second.samples_of(site.site).size());
  }
  std::vector<Evidence> found;
  for (const auto& [functions, grown] : by_functions) {
    Evidence one{Metric::memory, "stack", grown.per_day, grown.share, grown.stack};
    one.sites = grown.sites;
    if (grown.samples > 0) one.survival = grown.samples_alive / grown.samples;
    if (one.share >= least_share) found.push_back(std::move(one));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Evidence& a, const Evidence& b) { return a.share > b.share; });
  if (found.size() > stacks_told) found.resize(stacks_told);
  return found;
}

}  // namespace soakline
