#include "harness/site_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "harness/judge/memory.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/run_json.hpp"
#include "harness/threads.hpp"

namespace soakline {
namespace {

constexpr double reads_a_block = 12;  // as of the judge's minutes: twice as many as it has blocks
constexpr std::size_t most_suspects = 8;
constexpr double least_share_told = 0.05;     // of what all sites grow by: less explains nothing
constexpr std::size_t most_sites_named = 64;  // a call that leaks may allocate in many places below it
// Between fork and exec, and until its loader is done, a process has none for a moment.
constexpr int reads_to_be_sure = 3;

// As events.jsonl and samples.csv hold it, so that a judge of the recording sees what the live one saw.
double as_recorded(double value) {
  return std::round(value * 1e4) / 1e4;
}

}  // namespace

SiteWatch::SiteWatch(const RunInfo& info, RunFolder& folder, Observer& observer, LiveHeap& live,
                     Recording& recording, Looking looking)
    : info_(info),
      folder_(folder),
      observer_(observer),
      live_(live),
      recording_(recording),
      period_s_(plan_memory(info.settings).minute_s / reads_a_block),
      counts_(info.settings.age_s),
      holders_(live, counts_, recording, info.settings.warmup_s, looking) {}

// The agent's files are memory of the target to the kernel, and not to us.
void SiteWatch::at_sample(Sample& sample, const std::vector<int>& pids) {
  live_.at_sample(sample.time_s);
  if (sample.time_s >= due_s_) {
    due_s_ = std::max(due_s_ + period_s_, sample.time_s);
    read(sample, pids);
  }
  // A program that has just been replaced by another still has its file among ours.
  const double own = live_.own_bytes();
  if (own > 0 && !std::isnan(sample.rss_bytes)) sample.rss_bytes = std::max(0.0, sample.rss_bytes - own);
  look_at_holders(sample.time_s);
}

void SiteWatch::read(Sample& sample, const std::vector<int>& pids) {
  if (const auto bytes = live_.read(sample.time_s, pids)) {
    seen_agent_ = true;
    sample.heap_live_bytes = std::round(bytes->live);  // as samples.csv holds them
    sample.heap_aged_bytes = std::round(bytes->aged);
    sampling_.follow(live_, info_.settings.warmup_s, sample.time_s);
    counts_.take(live_, sample.time_s, recording_);
    folder_.write_cohorts(recording_);
  }
  if (seen_agent_)
    note_processes_without(pids);
  else if (live_.preloaded() && sample.time_s >= info_.settings.warmup_s &&
           !std::exchange(told_of_no_agent_, true))
    observer_.on_note(info_, "no agent: it did not come up in the target; judged without it");
}

void SiteWatch::note_processes_without(const std::vector<int>& pids) {
  for (const int pid : pids) {
    if (live_.processes().contains(pid) || ++reads_without_[pid] != reads_to_be_sure ||
        std::exchange(told_of_no_agent_, true))
      continue;
    observer_.on_note(info_, fmt::format("no agent in process {}: its memory is judged by RSS beside the "
                                         "sites of the others; {} the heaps of all are walked",
                                         thread_name(pid, pid),
                                         live_.has_headers() ? "with --no-agent" : "without --inject"));
  }
}

std::vector<int> SiteWatch::counted(const std::vector<int>& pids) const {
  if (!seen_agent_) return pids;
  std::vector<int> with_agent;
  for (const auto& [pid, process] : live_.processes()) with_agent.push_back(pid);
  return with_agent;
}

std::vector<SiteDriftShare> SiteWatch::sites_of(const std::vector<Suspect>& suspects) const {
  std::vector<SiteDriftShare> sites;
  for (const Suspect& suspect : suspects) {
    const SiteOfProcess& place = counts_.sites().at(suspect.site);
    sites.push_back({place.pid, place.site, suspect.drift_per_day, suspect.share, suspect.site});
  }
  return sites;
}

// Where the judge has not looked at sites yet: what was born since warm-up and is of age.
std::vector<SiteDriftShare> SiteWatch::grown_most() const {
  const double from_s = info_.settings.warmup_s, to_s = recording_.end_s() - info_.settings.age_s;
  if (to_s <= from_s) return {};
  const auto grown = grown_sites(live_, from_s, to_s);
  double all = 0;
  for (const SiteGrowth& site : grown) all += static_cast<double>(site.kept.bytes);
  std::vector<SiteDriftShare> sites;
  for (const SiteGrowth& site : std::span(grown).first(std::min(grown.size(), most_sites_named))) {
    const auto bytes = static_cast<double>(site.kept.bytes);
    sites.push_back({site.pid, site.site,
                     bytes * seconds_per_day / (to_s - from_s) / info_.settings.compression, bytes / all,
                     counts_.number_of(site.pid, site.site)});
  }
  return sites;
}

// Each stack once, and of a run only a few: to name them takes the harness a tenth of a second and more.
void SiteWatch::tell_suspects(const std::vector<Suspect>& suspects, double time_s) {
  bool news = false;
  for (const Suspect& suspect : suspects)
    news |= suspect.share >= least_share_told && sites_told_.insert(suspect.site).second;
  if (!news || suspects_told_.size() >= most_suspects) return;
  for (const Evidence& suspect : site_evidence(live_, sites_of(suspects))) {
    if (!suspects_told_.insert(suspect.frames).second) continue;
    folder_.write_event(time_s, "suspect", to_json(suspect));
    observer_.on_suspect(info_, time_s, suspect);
    if (live_.has_headers()) holders_.watch(suspect);
  }
}

// The judge hears of blocks that nothing points at as it would from the recording.
void SiteWatch::look_at_holders(double time_s) {
  const auto* watched = holders_.at_sample(time_s, live_.epoch_s());
  if (watched == nullptr) return;
  const HolderLook answer = watched->holders.answer();
  const double lost = static_cast<double>(answer.lost.size()) /
                      static_cast<double>(std::max<std::uint64_t>(answer.survivors, 1));
  const double share = answer.incomplete.empty() ? as_recorded(lost) : 0;
  for (const std::uint32_t site : watched->suspect.sites)
    recording_.lost_blocks.push_back({time_s, site, share});
  folder_.write_event(time_s, "holders",
                      {{"sites", watched->suspect.sites},
                       {"survivors", answer.survivors},
                       {"lost", answer.lost.size()},
                       {"lost_share", share},
                       {"chain", answer.chain}});
}

std::vector<Evidence> SiteWatch::evidence(const MetricVerdict& memory, const std::vector<Suspect>& culprits,
                                          const std::vector<int>& pids, MissingLooks missing_looks) {
  if (memory.signal == outside_the_heap || !live_.read(recording_.end_s(), pids)) return {};
  auto sites = sites_of(culprits);
  if (sites.empty()) sites = grown_most();
  // What the heap has of the drift: the rest of it lies outside.
  const double drift = memory.drift_per_day.value_or(0);
  double all = 0;
  for (const SiteDriftShare& site : sites) all += site.per_day;
  for (SiteDriftShare& site : sites) site.share *= drift > all ? all / drift : 1;
  auto found = site_evidence(live_, sites);
  if (!live_.has_headers()) return found;
  for (Evidence& holder : holders_.evidence(found, missing_looks)) found.push_back(std::move(holder));
  return found;
}

}  // namespace soakline
