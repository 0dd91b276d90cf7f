#include "harness/judge/judge.hpp"

#include <algorithm>

namespace soakline {
namespace {

struct Column {
  std::span<const double> time_s, values;
};

Column rows_until(const Recording& recording, const std::vector<double>& values, double until_s) {
  const auto end = std::upper_bound(recording.time_s.begin(), recording.time_s.end(), until_s);
  const auto rows = std::min(values.size(), static_cast<std::size_t>(end - recording.time_s.begin()));
  return {std::span(recording.time_s).first(rows), std::span(values).first(rows)};
}

}  // namespace

Judge::Judge(const JudgeSettings& settings)
    : settings_(settings),
      memory_(settings),
      threads_(Metric::threads, settings),
      descriptors_(Metric::descriptors, settings),
      counted_threads_(settings.age_s),
      counted_descriptors_(settings.age_s) {}

double Judge::next_look_s() const {
  return std::min({memory_.next_look_s(), threads_.next_look_s(), descriptors_.next_look_s()});
}

bool Judge::advance(const Recording& recording, double now_s) {
  bool looked = false;
  while (!finished_at_s_ && next_look_s() <= now_s) {
    const double at_s = next_look_s();
    look(recording, at_s);
    looked = true;
    if (may_end()) finished_at_s_ = at_s;
  }
  return looked;
}

void Judge::take_rows(const Recording& recording, const Disturbances& disturbed, double until_s) {
  const auto cell = [&](const std::vector<double>& column) {
    return rows_ < column.size() ? column[rows_] : missing;
  };
  for (; rows_ < recording.time_s.size() && recording.time_s[rows_] <= until_s; ++rows_) {
    const double time_s = recording.time_s[rows_];
    memory_.add(recording, rows_, disturbed);
    if (disturbed.contains(time_s)) continue;
    counted_threads_.add(time_s, cell(recording.threads));
    counted_descriptors_.add(time_s, cell(recording.descriptors));
  }
}

void Judge::look(const Recording& recording, double at_s) {
  const Disturbances disturbed(recording.faults);
  take_rows(recording, disturbed, at_s);
  if (memory_.next_look_s() <= at_s) memory_.look(recording, disturbed);
  if (threads_.next_look_s() <= at_s) threads_.look(seen(recording, Metric::threads, at_s, disturbed));
  if (descriptors_.next_look_s() <= at_s)
    descriptors_.look(seen(recording, Metric::descriptors, at_s, disturbed));
}

void Judge::conclude(const Recording& recording) {
  const double end_s = finished_at_s_.value_or(recording.end_s());
  const Disturbances disturbed(recording.faults);
  take_rows(recording, disturbed, end_s);
  memory_.conclude(recording, disturbed, end_s);
  threads_.conclude(end_s, seen(recording, Metric::threads, end_s, disturbed));
  descriptors_.conclude(end_s, seen(recording, Metric::descriptors, end_s, disturbed));
}

// Identities where they were recorded, else what the counts tell of them.
Population Judge::seen(const Recording& recording, Metric metric, double until_s,
                       const Disturbances& disturbed) const {
  const bool threads = metric == Metric::threads;
  const auto& lives = threads ? recording.thread_lives : recording.descriptor_lives;
  const CountedLives& counted = threads ? counted_threads_ : counted_descriptors_;
  const Column counts = rows_until(recording, threads ? recording.threads : recording.descriptors, until_s);
  if (lives.empty()) return {counted.lives(), counts.time_s, counts.values, true, disturbed};
  return {lives, counts.time_s, counts.values, false, disturbed};
}

bool Judge::may_end() const {
  if (settings_.stop == Stop::never) return false;
  const auto now = metrics();
  const auto failed = [&](Metric metric) {
    return std::any_of(now.begin(), now.end(),
                       [&](const auto& m) { return m.metric == metric && m.verdict == Verdict::fail; });
  };
  // A control has shown what it is for once all it names have failed.
  if (!settings_.must_fail.empty() &&
      std::all_of(settings_.must_fail.begin(), settings_.must_fail.end(), failed))
    return true;
  if (settings_.stop == Stop::fail) return settings_.must_fail.empty() && worst(now) == Verdict::fail;
  return std::all_of(now.begin(), now.end(),
                     [](const auto& m) { return m.metric == Metric::cpu || m.decided_at_s.has_value(); });
}

std::vector<MetricVerdict> Judge::metrics() const {
  MetricVerdict cpu;
  cpu.metric = Metric::cpu;
  cpu.reason = "compared with a baseline only";
  return {memory_.verdict(), threads_.verdict(), descriptors_.verdict(), cpu};
}

std::vector<MetricVerdict> judge_recording(const Recording& recording, const JudgeSettings& settings) {
  Judge judge(settings);
  judge.advance(recording, recording.end_s());
  judge.conclude(recording);
  return judge.metrics();
}

Verdict worst(const std::vector<MetricVerdict>& metrics) {
  for (const Verdict verdict : {Verdict::fail, Verdict::invalid, Verdict::inconclusive, Verdict::pass})
    if (std::any_of(metrics.begin(), metrics.end(), [=](const auto& m) { return m.verdict == verdict; }))
      return verdict;
  return Verdict::not_judged;
}

}  // namespace soakline
