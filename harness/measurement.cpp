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

constexpr auto guard_patience = std::chrono::seconds(1);

// What leads to a line of code comes before sizes and mappings.
bool names_code(const Evidence& evidence) {
  return evidence.frames.size() > 1 || (evidence.kind != "mapping" && evidence.kind != "heap chunks");
}

// As samples.csv holds it, so that a judge of the recording sees what the live one saw.
double as_recorded(double time_s) {
  return std::round(time_s * 1e4) / 1e4;
}

}  // namespace

Measurement::Measurement(const RunInfo& info, RunFolder& folder, Observer& observer, LiveHeap& live,
                         Looking looking)
    : info_(info),
      folder_(folder),
      observer_(observer),
      live_(live),
      judge_(info.settings),
      sites_(info, folder, observer, live, recording_, looking),
      looking_(looking) {
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
    keep_faults_until(due, start, running);
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
  running.faults.abandon();
  if (failure_.empty() && running.load != nullptr && running.load->failures() > running.load->operations())
    failure_ = fmt::format("the load failed {:.0f} times and was answered {:.0f} times",
                           running.load->failures(), running.load->operations());
  folder_.write_event(recording_.end_s(), "phase", {{"phase", "end"}});
}

// The time between two samples, in which faults begin and end.
void Measurement::keep_faults_until(Clock::time_point due, Clock::time_point start, Running& running) {
  try {
    while (failure_.empty()) {
      const double next_s = running.faults.next_s();
      if (!(next_s < seconds_between(start, due))) break;
      running.loop.run_until(start + as_duration(next_s));
      running.faults.advance(as_recorded(seconds_between(start, Clock::now())),
                             [this](const FaultNews& news) { note_fault(news); });
    }
  } catch (const RunError& error) {
    failure_ = error.what();
  }
  running.loop.run_until(due);
}

void Measurement::note_fault(const FaultNews& news) {
  nlohmann::json detail = {
      {"kind", name_of(news.fault.kind)}, {"on", news.fault.on}, {"begin_s", news.window.begin_s}};
  if (news.begins()) {
    recording_.faults.push_back(news.window);
    observer_.on_note(info_, fmt::format("fault at {}: {}", format_duration(std::round(news.window.begin_s)),
                                         described(news.fault)));
  } else {
    detail["end_s"] = news.end_s;
    detail["until_s"] = news.window.end_s;
    if (!news.counts.empty()) detail["counts"] = news.counts;
    close_window(recording_.faults, news.window);
  }
  folder_.write_event(news.begins() ? news.window.begin_s : news.end_s, "fault", std::move(detail));
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
    sites_.at_sample(reading.sample, pids_);
    running.inventory.at_sample(time_s, pids_);
  }
  const auto walk = reading.target_alive ? heaps.at_sample(time_s, sites_.counted(pids_)) : std::nullopt;
  folder_.write_sample(reading, lateness_s, walk ? &*walk : nullptr);
  for (const HeapNote& note : heaps.take_notes())
    folder_.write_event(time_s, "heap", {{"cause", note.cause}, {"message", note.message}});
  folder_.write_identities("threads", time_s, sampler.thread_changes());
  folder_.write_identities("descriptors", time_s, sampler.descriptor_changes());
  if (!reading.target_alive) return;
  record(reading.sample);
  if (growth_.from_s == reading.sample.time_s)
    growth_.chunks_before = take_census(pids_, live_, most_listed_bytes);
  recording_.heap_slack_bytes.push_back(walk ? walk->slack_bytes : missing);
  if (walk) recording_.chunk_walks.push_back(*walk);
  observer_.on_sample(info_, reading.sample);

  if (!judge_.advance(recording_, time_s)) return;
  auto metrics = nlohmann::json::array();
  for (const MetricVerdict& metric : judge_.metrics()) metrics.push_back(to_json(metric));
  folder_.write_event(time_s, "look", {{"metrics", std::move(metrics)}});
  observer_.on_look(info_, time_s, judge_.metrics());
  sites_.tell_suspects(judge_.suspects(), time_s);
  going_on_ = going_on_ && !judge_.finished_at_s();
}

void Measurement::record(const Sample& sample) {
  if (growth_.from_s == 0 && sample.time_s >= info_.settings.warmup_s) {
    growth_ = begin_growth(sample.time_s, info_.settings, pids_);
    growth_.looking = looking_;
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
  if (!failure_.empty()) return false;
  if (!reading.target_alive) {
    target_died_ = true;
    // It is dead before its guard has said how.
    running.loop.wait_for([&] { return running.target.ended(); }, Clock::now() + guard_patience);
    running.loop.drain();
    failure_ = running.target.ending();
    folder_.write_event(reading.sample.time_s, "died", {{"how", failure_}});
    return false;
  }
  // A frozen process leaks nothing: for longer than a judging block it is no soak, unless a fault says so.
  const bool stopped = reading.target_stopped && !running.faults.under_way("target", FaultKind::stop);
  stopped_since_s_ = stopped ? std::min(stopped_since_s_, reading.sample.time_s) : never_s;
  if (reading.sample.time_s - stopped_since_s_ > info_.settings.warmup_s / 30) {
    failure_ = "the target is stopped, by SIGSTOP or a debugger; continue it";
    return false;
  }
  const auto what_ended = [&running] {
    std::string why = running.services.ended();
    if (why.empty()) why = running.faults.ended();
    return why.empty() && running.load != nullptr ? running.load->ended() : why;
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

std::vector<Evidence> Measurement::evidence(const std::vector<MetricVerdict>& metrics) {
  std::vector<Evidence> found;
  for (const MetricVerdict& metric : metrics)
    if (metric.metric == Metric::memory && metric.verdict == Verdict::fail)
      found = sites_.evidence(metric, judge_.culprits(), pids_,
                              interrupted_ ? MissingLooks::left_out : MissingLooks::taken);
  // Stacks and holders say where the heap's chunks and mappings come from.
  const bool explained = !found.empty();
  for (Evidence& more : collect_evidence(pids_, metrics, growth_, recording_, live_))
    if (!explained || more.metric != Metric::memory) found.push_back(std::move(more));
  std::stable_sort(found.begin(), found.end(),
                   [](const Evidence& a, const Evidence& b) { return names_code(a) > names_code(b); });
  return found;
}

}  // namespace soakline
