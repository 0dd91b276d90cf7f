// Properties that every recording has, on invented ones: RapidCheck draws them and, where one breaks a
// property, reports the smallest that does.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdlib>

#include <boost/random/bernoulli_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "harness/judge/judge.hpp"
#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

using namespace traces;

// The same recordings at every run, unless RC_PARAMS says otherwise.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=7 max_success=100", 0);

enum class Columns { rss, chunks, heap };

// What a recording is invented from. Rates are in limits, times in minutes of the two-hour run.
struct Trial {
  Columns columns = Columns::rss;
  bool compressed = false;
  Stop stop = Stop::decided;
  double leak = 0, leak_from = 0;
  double creep_mb = 0, fill_mb = 0, fill_minutes = 10;
  double tooth_mb = 0, tooth_minutes = 10;
  double step_mb = 0, step_at = 60;
  double noise_pages = 10;
  double threads = 0;  // kept, in limits
  std::uint32_t seed = 0;
};

std::ostream& operator<<(std::ostream& out, const Trial& t) {
  return out << "columns " << static_cast<int>(t.columns) << " compressed " << t.compressed << " stop "
             << name_of(t.stop) << " leak " << t.leak << " from " << t.leak_from << " creep " << t.creep_mb
             << " fill " << t.fill_mb << "/" << t.fill_minutes << " tooth " << t.tooth_mb << "/"
             << t.tooth_minutes << " step " << t.step_mb << "/" << t.step_at << " noise " << t.noise_pages
             << " threads " << t.threads << " seed " << t.seed;
}

// 0 or a tenth of a whole number below `most`.
rc::Gen<double> up_to(double most) {
  return rc::gen::map(rc::gen::inRange(0, static_cast<int>(10 * most) + 1),
                      [](int tenths) { return tenths / 10.0; });
}
// The same, but absent half of the time.
rc::Gen<double> perhaps(double most) {
  return rc::gen::oneOf(rc::gen::just(0.0), up_to(most));
}

rc::Gen<Trial> trials() {
  return rc::gen::resize(
      rc::kNominalSize,
      rc::gen::build<Trial>(
          rc::gen::set(&Trial::columns, rc::gen::element(Columns::rss, Columns::chunks, Columns::heap)),
          rc::gen::set(&Trial::compressed),
          rc::gen::set(&Trial::stop, rc::gen::element(Stop::decided, Stop::fail, Stop::never)),
          rc::gen::set(&Trial::leak, perhaps(3)), rc::gen::set(&Trial::leak_from, perhaps(60)),
          rc::gen::set(&Trial::creep_mb, perhaps(2)), rc::gen::set(&Trial::fill_mb, perhaps(30)),
          rc::gen::set(&Trial::fill_minutes, rc::gen::map(up_to(60), [](double m) { return m + 1; })),
          rc::gen::set(&Trial::tooth_mb, perhaps(5)),
          rc::gen::set(&Trial::tooth_minutes, rc::gen::map(up_to(20), [](double m) { return m + 1; })),
          rc::gen::set(&Trial::step_mb, perhaps(5)), rc::gen::set(&Trial::step_at, up_to(120)),
          rc::gen::set(&Trial::noise_pages, up_to(40)), rc::gen::set(&Trial::threads, perhaps(2)),
          rc::gen::set(&Trial::seed, rc::gen::inRange<std::uint32_t>(0, 1'000'000))));
}

// Those whose warm-up ends with the warm-up and whose teeth are shorter than `settle`. Of others the judge
// may think otherwise at another look, and dropped rows and gaps move looks.
rc::Gen<Trial> settled_trials() {
  return rc::gen::map(trials(), [](Trial trial) {
    trial.creep_mb *= 0.3;
    trial.fill_minutes = 1 + trial.fill_minutes / 20;
    trial.tooth_minutes /= 5;
    return trial;
  });
}

Soak soak_of(const Trial& trial) {
  Soak soak = trial.compressed ? compressed() : real_time();
  soak.sample_s = soak.minute_s() / 30;  // five samples a block
  soak.settings.stop = trial.stop;
  // Limits that two hours can decide.
  soak.settings.threads = soak.settings.descriptors = {500, 250};
  return soak;
}

// The heap as an allocator and an agent would show it, in whole pages: everything in it, older than A, and
// free.
void add_heap(Recording& recording, const Soak& soak, const Course& course) {
  for (std::size_t i = 0; i < recording.time_s.size(); ++i) {
    const double minute = recording.time_s[i] / soak.minute_s(), rss = recording.rss_bytes[i];
    const double aged = course(std::max(0.0, minute - soak.settings.age_s / soak.minute_s()));
    recording.heap_slack_bytes.push_back(4096.0 * static_cast<double>(i % 50));
    recording.heap_live_bytes.push_back(rss - 20e6 - recording.heap_slack_bytes.back());
    recording.heap_aged_bytes.push_back(std::round(20e6 + aged));
  }
}

// Walks about once a minute, at random: at regular ones, teeth of nearly a whole number of minutes look like
// slow growth. What leaks is in chunks of one class, all else in others.
void add_walks(Recording& recording, const Soak& soak, const Course& leaking, const Course& other,
               std::uint32_t seed) {
  recording.chunk_classes_bytes = {64, 1024, 65'536};
  boost::random::mt19937 random(seed);
  boost::random::uniform_int_distribution<std::size_t> rows(22, 38);
  for (std::size_t i = 7; i < recording.time_s.size(); i += rows(random)) {
    const double minute = recording.time_s[i] / soak.minute_s();
    const auto chunks = [&](double bytes, double each) {
      return static_cast<float>(std::round(bytes / each));
    };
    recording.chunk_walks.push_back({recording.time_s[i],
                                     {chunks(10e6 + leaking(minute), 64), chunks(20e6 + other(minute), 1024),
                                      static_cast<float>(40 + i / 30 % 5)}});
  }
}

Recording recording_of(const Trial& trial, const Soak& soak) {
  const Course leaking = leak(soak, trial.leak, trial.leak_from);
  const Course other = creep(trial.creep_mb * 1e6) + fill(trial.fill_mb * 1e6, trial.fill_minutes) +
                       sawtooth(trial.tooth_mb * 1e6, trial.tooth_minutes) +
                       step(trial.step_mb * 1e6, trial.step_at);
  const double page = soak.settings.page_bytes;
  Recording recording =
      rss(soak, leaking + other, trial.seed, {trial.noise_pages * page, trial.noise_pages * page / 8});
  const double each_s = 86'400 / soak.settings.compression / soak.settings.threads.fail / trial.threads;
  for (std::size_t i = 0; i < recording.time_s.size(); ++i) {
    recording.threads.push_back(20 + std::floor(recording.time_s[i] / each_s));
    recording.descriptors.push_back(50 + static_cast<double>(i % 3));
  }
  if (trial.columns == Columns::heap) add_heap(recording, soak, leaking + other);
  if (trial.columns == Columns::chunks) add_walks(recording, soak, leaking, other, trial.seed);
  return recording;
}

std::vector<std::vector<double> Recording::*> columns_of_rows() {
  return {&Recording::rss_bytes,        &Recording::heap_live_bytes, &Recording::heap_aged_bytes,
          &Recording::heap_slack_bytes, &Recording::threads,         &Recording::descriptors};
}

// The recording without the rows, and the walks at their times, that `is_lost` names.
template <class IsLost>
Recording without(Recording recording, IsLost is_lost) {
  std::vector<char> lost;
  for (const double time_s : recording.time_s) lost.push_back(is_lost(time_s));
  std::erase_if(recording.chunk_walks, [&](const ChunkWalk& walk) {
    const auto row = std::lower_bound(recording.time_s.begin(), recording.time_s.end(), walk.time_s);
    return lost[static_cast<std::size_t>(row - recording.time_s.begin())];
  });
  auto columns = columns_of_rows();
  columns.push_back(&Recording::time_s);
  for (const auto column : columns) {
    auto& values = recording.*column;
    std::size_t row = 0;
    std::erase_if(values, [&](double) { return lost[row++]; });
  }
  return recording;
}

Recording without_some_rows(const Recording& recording, std::uint32_t seed) {
  boost::random::mt19937 random(seed);
  boost::random::bernoulli_distribution<> dropped(0.05);
  return without(recording, [&](double) { return dropped(random); });
}

// Times beyond `from_s` are `by_s` later: the clock stepped, or everything slept.
Recording with_clock_step(Recording recording, double from_s, double by_s) {
  for (double& time_s : recording.time_s) time_s += time_s > from_s ? by_s : 0;
  for (ChunkWalk& walk : recording.chunk_walks) walk.time_s += walk.time_s > from_s ? by_s : 0;
  return recording;
}

// Nothing was sampled within [from_s, to_s); the samples that were due then all come at its end.
Recording with_late_samples(Recording recording, double from_s, double to_s) {
  const auto late = [&](double& time_s) { time_s = time_s >= from_s && time_s < to_s ? to_s : time_s; };
  std::for_each(recording.time_s.begin(), recording.time_s.end(), late);
  for (ChunkWalk& walk : recording.chunk_walks) late(walk.time_s);
  return recording;
}

std::vector<std::vector<double> Recording::*> columns_of_memory() {
  return {&Recording::rss_bytes, &Recording::heap_live_bytes, &Recording::heap_aged_bytes,
          &Recording::heap_slack_bytes};
}

Recording with_constant(Recording recording, double pages, double page_bytes) {
  for (const auto column : columns_of_memory())
    for (double& bytes : recording.*column) bytes += pages * page_bytes;
  for (ChunkWalk& walk : recording.chunk_walks)
    for (float& count : walk.counts) count += static_cast<float>(pages);
  return recording;
}

Recording with_scaled_bytes(Recording recording, double by) {
  for (const auto column : columns_of_memory())
    for (double& bytes : recording.*column) bytes *= by;
  for (double& bytes : recording.chunk_classes_bytes) bytes *= by;
  return recording;
}

Recording stretched(Recording recording, double by) {
  for (double& time_s : recording.time_s) time_s *= by;
  for (ChunkWalk& walk : recording.chunk_walks) walk.time_s *= by;
  return recording;
}

Limit scaled(Limit limit, double by) {
  return {limit.fail * by, limit.tolerate * by, limit.asked};
}

JudgeSettings stretched(JudgeSettings settings, double by) {
  for (double* duration_s : {&settings.time_s, &settings.warmup_s, &settings.age_s, &settings.settle_s})
    *duration_s *= by;
  for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors})
    settings.limit(metric) = scaled(settings.limit(metric), 1 / by);
  return settings;
}

// A minute of the study in [from, to), in tenths, as seconds of the trial's soak.
rc::Gen<double> minutes(const Soak& soak, double from, double to) {
  return rc::gen::map(rc::gen::resize(rc::kNominalSize, rc::gen::inRange(static_cast<int>(10 * from),
                                                                         static_cast<int>(10 * to))),
                      [minute_s = soak.minute_s()](int tenths) { return tenths / 10.0 * minute_s; });
}

// In limits.
double leak_of(const Trial& trial, Metric metric) {
  return metric == Metric::memory ? trial.leak : metric == Metric::threads ? trial.threads : 0;
}

// What a judge's numbers are expected to be multiplied by.
struct Scale {
  double memory = 1, counts = 1, time = 1;
};

// To rounding: a billionth of the limit, or of two hours.
void expect_scaled(const std::vector<MetricVerdict>& before, const std::vector<MetricVerdict>& after,
                   Scale scale) {
  const auto is_near = [](std::optional<double> value, std::optional<double> other, double by, double unit) {
    return value && other ? std::abs(*value * by - *other) <= 1e-9 * by * unit : !value && !other;
  };
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double by = before[i].metric == Metric::memory ? scale.memory : scale.counts;
    RC_ASSERT(after[i].verdict == before[i].verdict);
    RC_ASSERT(after[i].signal == before[i].signal);
    RC_ASSERT(after[i].reason == before[i].reason);
    RC_ASSERT(is_near(before[i].decided_at_s, after[i].decided_at_s, scale.time, 7200));
    for (const auto number : {&MetricVerdict::drift_per_day, &MetricVerdict::low, &MetricVerdict::high,
                              &MetricVerdict::smallest_found_per_day})
      RC_ASSERT(is_near(before[i].*number, after[i].*number, by, before[i].limit));
  }
}

RC_GTEST_PROP(Judge, IsNotMovedByWhatIsAlwaysThere, ()) {
  const Trial trial = *trials();
  const Soak soak = soak_of(trial);
  const double pages = *rc::gen::inRange(1, 1'000'000);
  const Recording recording = recording_of(trial, soak);
  expect_scaled(judge_recording(recording, soak.settings),
                judge_recording(with_constant(recording, pages, soak.settings.page_bytes), soak.settings),
                {});
}

// By powers of two, here and below: other factors round, and of two windows that grow alike to the last bit
// the judge may then report the other one.
RC_GTEST_PROP(Judge, ScalesWithValuesLimitAndPage, ()) {
  const Trial trial = *trials();
  const Soak soak = soak_of(trial);
  const double by = std::exp2(*rc::gen::inRange(1, 10));
  const Recording recording = recording_of(trial, soak);
  JudgeSettings settings = soak.settings;
  settings.memory = scaled(settings.memory, by);
  settings.page_bytes *= by;
  expect_scaled(judge_recording(recording, soak.settings),
                judge_recording(with_scaled_bytes(recording, by), settings), {.memory = by});
}

// Up to a warm-up of 15 minutes, which the judge's minutes stop growing at. By powers of two, so that a row
// at the edge of a window stays on its side.
RC_GTEST_PROP(Judge, ChangesNothingButTheMinutesWhereTimeIsStretched, ()) {
  Trial trial = *trials();
  trial.compressed = true;
  const Soak soak = soak_of(trial);
  const double by = std::exp2(*rc::gen::inRange(-2, 6));
  const Recording recording = recording_of(trial, soak);
  expect_scaled(judge_recording(recording, soak.settings),
                judge_recording(stretched(recording, by), stretched(soak.settings, by)),
                {.memory = 1 / by, .counts = 1 / by, .time = by});
}

RC_GTEST_PROP(Judge, TurnsNoPassIntoAFailForLostRowsNorTheOtherWay, ()) {
  const Trial trial = *settled_trials();
  const Soak soak = soak_of(trial);
  const Recording recording = recording_of(trial, soak);
  const auto whole = judge_recording(recording, soak.settings);
  const auto thinned = judge_recording(without_some_rows(recording, trial.seed), soak.settings);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    // At what is tolerated, and from there to the limit, either answer is right; of a leak that begins late
    // the first look that may fail it decides, and a row may move that look.
    const double leak = leak_of(trial, whole[i].metric);
    if (leak >= 0.5 && (leak < 1 || trial.leak_from > 0)) continue;
    RC_ASSERT(!(whole[i].verdict == Verdict::pass && thinned[i].verdict == Verdict::fail));
    RC_ASSERT(!(whole[i].verdict == Verdict::fail && thinned[i].verdict == Verdict::pass));
  }
}

// What was undecided of a program that keeps its memory may pass: a gap moves windows, and one of them may be
// calm.
RC_GTEST_PROP(Judge, PassesNothingThatDriftsForAGap, ()) {
  Trial trial = *settled_trials();
  trial.stop = Stop::never;  // else what is missing of one metric lets another be judged for longer
  const Soak soak = soak_of(trial);
  const double from_s = *minutes(soak, 0, 119), gap_s = *minutes(soak, 1, 30),
               late_s = *minutes(soak, 0.1, 3);
  const Recording recording = recording_of(trial, soak);
  const auto whole = judge_recording(recording, soak.settings);
  const auto lost = [=](double time_s) { return time_s >= from_s && time_s < from_s + gap_s; };
  for (const Recording& gapped : {without(recording, lost), with_clock_step(recording, from_s, gap_s),
                                  with_late_samples(recording, from_s, from_s + late_s)}) {
    const auto judged = judge_recording(gapped, soak.settings);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      const bool drifts = leak_of(trial, whole[i].metric) >= 1;
      const bool passes = judged[i].verdict == Verdict::pass && *judged[i].decided_at_s >= from_s;
      RC_ASSERT(!(drifts && passes && whole[i].verdict != Verdict::pass));
    }
  }
}

}  // namespace
}  // namespace soakline
