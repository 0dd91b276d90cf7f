#include "harness/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/outcome.hpp"
#include "harness/run_json.hpp"

namespace soakline {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration as_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// Of a compressed run, whose minutes of study are shorter: walks closer than this would cost what they back
// off for.
constexpr double shortest_walk_period_s = 2;

constexpr std::size_t most_suspects = 8;
constexpr double least_share_told = 0.05;     // of what all sites grow by: less explains nothing
constexpr std::size_t most_sites_named = 64;  // a call that leaks may allocate in many places below it

constexpr auto guard_patience = std::chrono::seconds(1);

// What leads to a line of code comes before sizes and mappings.
bool names_code(const Evidence& evidence) {
  return evidence.kind != "mapping" && evidence.kind != "heap chunks";
}

// As samples.csv holds it, so that a judge of the recording sees what the live one saw.
double as_recorded(double time_s) {
  return std::round(time_s * 1e4) / 1e4;
}

}  // namespace

Measurement::Measurement(const RunInfo& info, RunFolder& folder, Observer& observer)
    : info_(info),
      folder_(folder),
      observer_(observer),
      judge_(info.settings),
      site_counts_(info.settings.age_s) {
  // Room for the whole run, touched now: what grows later is the target's, not the instrument's.
  const auto rows = static_cast<std::size_t>(std::min(2e6, info.settings.time_s / info.sample_s * 1.01 + 16));
  for (auto* column :
       {&recording_.time_s, &recording_.rss_bytes, &recording_.threads, &recording_.descriptors,
        &recording_.cpu_s, &recording_.operations, &recording_.heap_live_bytes, &recording_.heap_aged_bytes,
        &recording_.heap_slack_bytes}) {
    column->assign(rows, 0);
    column->clear();
  }
  recording_.thread_lives.reserve(4096);
  recording_.descriptor_lives.reserve(4096);
  recording_.chunk_classes_bytes.assign(chunk_classes().begin(), chunk_classes().end());
}

void Measurement::run(Running& running, const std::function<bool()>& interrupted) {
  const SamplerSettings settings{info_.settings.age_s, plan_memory(info_.settings).minute_s / 6,
                                 kernel_has_exact_statm()};
  Sampler sampler(running.target.root(), running.target.attached(), settings, recording_);
  HeapWatch heaps(std::max(shortest_walk_period_s, plan_memory(info_.settings).minute_s));
  const auto start = Clock::now();
  folder_.write_event(0, "phase", {{"phase", "warm-up"}});
  for (std::int64_t k = 0; going_on_; ++k) {
    auto due = start + as_duration(static_cast<double>(k) * info_.sample_s);
    running.loop.run_until(due);
    const double late_s = seconds_between(due, Clock::now());
    // Samples that can no longer be taken are skipped: one late one tells as much as several at once.
    const auto missed = static_cast<std::int64_t>(late_s / info_.sample_s);
    if (missed > 0) due += as_duration(static_cast<double>(missed) * info_.sample_s);
    k += missed;
    take_sample(sampler, heaps, running, as_recorded(seconds_between(start, Clock::now())),
                std::max(0.0, late_s));
    if (interrupted()) {
      interrupted_ = true;
      going_on_ = false;
    }
  }
  if (failure_.empty() && running.load != nullptr && running.load->failures() > running.load->operations())
    failure_ = fmt::format("the load failed {:.0f} times and was answered {:.0f} times",
                           running.load->failures(), running.load->operations());
  folder_.write_event(recording_.end_s(), "phase", {{"phase", "end"}});
}

void Measurement::take_sample(Sampler& sampler, HeapWatch& heaps, Running& running, double time_s,
                              double lateness_s) {
  Reading reading = sampler.sample(time_s);
  if (running.load != nullptr) {
    reading.sample.operations = running.load->operations();
    if (std::exchange(load_idle_, running.load->idle()) != running.load->idle())
      folder_.write_event(time_s, "phase", {{"phase", load_idle_ ? "load off" : "load on"}});
  }
  reading.sample.late = lateness_s > info_.sample_s / 2;
  if (reading.sample.late)
    folder_.write_event(time_s, lateness_s > 5 * info_.sample_s ? "gap" : "late", {{"by_s", lateness_s}});
  going_on_ = may_go_on(reading, running);
  if (reading.target_alive) {
    pids_ = sampler.pids();
    read_live(running.live, reading.sample);
  }
  const auto walk = reading.target_alive ? heaps.at_sample(time_s, pids_) : std::nullopt;
  folder_.write_sample(reading, lateness_s, walk ? &*walk : nullptr);
  for (const HeapNote& note : heaps.take_notes())
    folder_.write_event(time_s, "heap", {{"cause", note.cause}, {"message", note.message}});
  folder_.write_identities("threads", time_s, sampler.thread_changes());
  folder_.write_identities("descriptors", time_s, sampler.descriptor_changes());
  if (!reading.target_alive) return;
  record(reading.sample);
  recording_.heap_slack_bytes.push_back(walk ? walk->slack_bytes : missing);
  if (walk) recording_.chunk_walks.push_back(*walk);
  observer_.on_sample(info_, reading.sample);

  look_at_holders(running.live, time_s);
  if (!judge_.advance(recording_, time_s)) return;
  auto metrics = nlohmann::json::array();
  for (const MetricVerdict& metric : judge_.metrics()) metrics.push_back(to_json(metric));
  folder_.write_event(time_s, "look", {{"metrics", std::move(metrics)}});
  observer_.on_look(info_, time_s, judge_.metrics());
  tell_suspects(running.live, time_s);
  going_on_ = going_on_ && !judge_.finished_at_s();
}

// The agent's files are memory of the target to the kernel, and not to us.
void Measurement::read_live(LiveHeap& live, Sample& sample) {
  live.at_sample(sample.time_s);
  if (sample.time_s >= live_due_s_) {
    const double period_s = plan_memory(info_.settings).minute_s / 12;  // twice a block of the judge's
    live_due_s_ = std::max(live_due_s_ + period_s, sample.time_s);
    if (const auto bytes = live.read(sample.time_s, pids_)) {
      sample.heap_live_bytes = std::round(bytes->live);  // as samples.csv holds them
      sample.heap_aged_bytes = std::round(bytes->aged);
      sampling_.follow(live, info_.settings.warmup_s, sample.time_s);
      site_counts_.take(live, sample.time_s, recording_);
      folder_.write_cohorts(recording_);
    } else if (live.preloaded() && sample.time_s >= info_.settings.warmup_s &&
               !std::exchange(told_of_no_agent_, true)) {
      observer_.on_note(info_, "no agent: it did not come up in the target; judged without it");
    }
  }
  // A program that has just been replaced by another still has its file among ours.
  const double own = live.own_bytes();
  if (own > 0 && !std::isnan(sample.rss_bytes)) sample.rss_bytes = std::max(0.0, sample.rss_bytes - own);
}

void Measurement::record(const Sample& sample) {
  if (growth_.from_s == 0 && sample.time_s >= info_.settings.warmup_s) {
    growth_ = begin_growth(sample.time_s, info_.settings, pids_);
    folder_.write_event(sample.time_s, "phase", {{"phase", "judged"}});
  }
  recording_.time_s.push_back(sample.time_s);
  recording_.rss_bytes.push_back(sample.rss_bytes);
  recording_.heap_live_bytes.push_back(sample.heap_live_bytes);
  recording_.heap_aged_bytes.push_back(sample.heap_aged_bytes);
  recording_.threads.push_back(sample.threads);
  recording_.descriptors.push_back(sample.descriptors);
  recording_.cpu_s.push_back(sample.cpu_s);
  recording_.operations.push_back(sample.operations);
}

bool Measurement::may_go_on(const Reading& reading, Running& running) {
  if (!reading.target_alive) {
    target_died_ = true;
    // It is dead before its guard has said how.
    running.loop.wait_for([&] { return running.target.ended(); }, Clock::now() + guard_patience);
    running.loop.drain();
    failure_ = running.target.ending();
    folder_.write_event(reading.sample.time_s, "died", {{"how", failure_}});
    return false;
  }
  // A frozen process leaks nothing: for longer than a judging block it is no soak.
  stopped_since_s_ = reading.target_stopped ? std::min(stopped_since_s_, reading.sample.time_s) : never_s;
  if (reading.sample.time_s - stopped_since_s_ > info_.settings.warmup_s / 30) {
    failure_ = "the target is stopped, by SIGSTOP or a debugger; continue it";
    return false;
  }
  const auto what_ended = [&running] {
    const std::string service = running.services.ended();
    return service.empty() && running.load != nullptr ? running.load->ended() : service;
  };
  failure_ = what_ended();
  if (!failure_.empty()) {
    running.loop.drain();
    failure_ = what_ended();
  }
  return failure_.empty() && reading.sample.time_s < info_.settings.time_s;
}

std::vector<MetricVerdict> Measurement::conclude() {
  judge_.conclude(recording_);
  auto metrics = judge_.metrics();
  growth_.to_s = recording_.end_s();
  if (target_died_) fail_what_drifted_until_death(metrics, recording_.end_s());
  return metrics;
}

std::vector<SiteDriftShare> Measurement::sites_of(const std::vector<Suspect>& suspects) const {
  std::vector<SiteDriftShare> sites;
  for (const Suspect& suspect : suspects) {
    const SiteOfProcess& place = site_counts_.sites().at(suspect.site);
    sites.push_back({place.pid, place.site, suspect.drift_per_day, suspect.share, suspect.site});
  }
  return sites;
}

// Where the judge has not looked at sites yet: what was born since warm-up and is of age.
std::vector<SiteDriftShare> Measurement::grown_most(const LiveHeap& live) const {
  const double from_s = info_.settings.warmup_s, to_s = recording_.end_s() - info_.settings.age_s;
  if (to_s <= from_s) return {};
  const auto grown = grown_sites(live, from_s, to_s);
  double all = 0;
  for (const SiteGrowth& site : grown) all += static_cast<double>(site.kept.bytes);
  std::vector<SiteDriftShare> sites;
  for (const SiteGrowth& site : std::span(grown).first(std::min(grown.size(), most_sites_named))) {
    const auto bytes = static_cast<double>(site.kept.bytes);
    sites.push_back({site.pid, site.site,
                     bytes * seconds_per_day / (to_s - from_s) / info_.settings.compression, bytes / all,
                     site_counts_.number_of(site.pid, site.site)});
  }
  return sites;
}

// Each stack once, and of a run only a few: to name them takes the harness a tenth of a second and more.
void Measurement::tell_suspects(const LiveHeap& live, double time_s) {
  bool news = false;
  for (const Suspect& suspect : judge_.suspects())
    news |= suspect.share >= least_share_told && sites_told_.insert(suspect.site).second;
  if (!news || suspects_told_.size() >= most_suspects) return;
  for (const Evidence& suspect : site_evidence(live, sites_of(judge_.suspects()))) {
    if (!suspects_told_.insert(suspect.frames).second) continue;
    folder_.write_event(time_s, "suspect", to_json(suspect));
    observer_.on_suspect(info_, time_s, suspect);
    if (live.has_headers()) holder_watch_.watch(suspect);
  }
}

// The judge hears of blocks that nothing points at as it would from the recording.
void Measurement::look_at_holders(const LiveHeap& live, double time_s) {
  const auto* watched = holder_watch_.at_sample(time_s, live.epoch_s(), live, site_counts_, recording_,
                                                info_.settings.warmup_s);
  if (watched == nullptr) return;
  const HolderLook answer = watched->holders.answer();
  const double share = as_recorded(static_cast<double>(answer.lost.size()) /
                                   static_cast<double>(std::max<std::uint64_t>(answer.survivors, 1)));
  for (const std::uint32_t site : watched->suspect.sites)
    recording_.lost_blocks.push_back({time_s, site, answer.incomplete.empty() ? share : 0});
  folder_.write_event(time_s, "holders",
                      {{"sites", watched->suspect.sites},
                       {"survivors", answer.survivors},
                       {"lost", answer.lost.size()},
                       {"lost_share", answer.incomplete.empty() ? share : 0},
                       {"chain", answer.chain}});
}

std::vector<Evidence> Measurement::evidence(const std::vector<MetricVerdict>& metrics, LiveHeap& live) {
  std::vector<Evidence> found;
  for (const MetricVerdict& metric : metrics)
    if (metric.metric == Metric::memory && metric.verdict == Verdict::fail &&
        live.read(recording_.end_s(), pids_)) {
      auto sites = sites_of(judge_.culprits());
      if (sites.empty()) sites = grown_most(live);
      // What the heap has of the drift: the rest of it lies outside.
      const double drift = metric.drift_per_day.value_or(0);
      double all = 0;
      for (const SiteDriftShare& site : sites) all += site.per_day;
      for (SiteDriftShare& site : sites) site.share *= drift > all ? all / drift : 1;
      if (metric.signal != outside_the_heap) found = site_evidence(live, sites);
      if (!live.has_headers()) continue;
      for (Evidence& holder :
           holder_watch_.evidence(found, live, site_counts_, recording_, info_.settings.warmup_s))
        found.push_back(std::move(holder));
    }
  // Stacks and holders say where the heap's chunks and mappings come from.
  const bool explained = !found.empty();
  for (Evidence& more : collect_evidence(pids_, metrics, growth_, recording_, live))
    if (!explained || more.metric != Metric::memory) found.push_back(std::move(more));
  std::stable_sort(found.begin(), found.end(),
                   [](const Evidence& a, const Evidence& b) { return names_code(a) > names_code(b); });
  return found;
}

}  // namespace soakline
