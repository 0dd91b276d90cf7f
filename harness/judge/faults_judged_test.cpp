// What the judge makes of windows of faults: they are out of the trend, and under the limits all the same.
#include <gmock/gmock.h>

#include <cmath>

#include "harness/judge/judge.hpp"
#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

using namespace traces;
using ::testing::HasSubstr;

// Every ten minutes of the study a fault for one of them.
std::vector<Window> now_and_then(const Soak& soak, double first_minute = 5) {
  std::vector<Window> windows;
  for (double minute = first_minute; minute * soak.minute_s() < soak.settings.time_s; minute += 10)
    windows.push_back({minute * soak.minute_s(), (minute + 1) * soak.minute_s()});
  return windows;
}

bool within_any(const std::vector<Window>& windows, double time_s) {
  return std::any_of(windows.begin(), windows.end(),
                     [=](const Window& window) { return window.contains(time_s); });
}

Recording with_faults(const Soak& soak, const Course& course, std::uint32_t seed = 11) {
  Recording recording = rss(soak, course, seed);
  recording.faults = now_and_then(soak);
  for (const double t : recording.time_s) {
    recording.threads.push_back(20);
    recording.descriptors.push_back(50 + std::fmod(std::floor(t / soak.sample_s), 3));
  }
  return recording;
}

// Walks of the heap, one a minute, with a class that holds all of `course`.
void add_walks(Recording& recording, const Soak& soak, const Course& course) {
  recording.chunk_classes_bytes = {64, 1024};
  recording.heap_slack_bytes.assign(recording.time_s.size(), missing);
  double next_s = 0;
  for (std::size_t row = 0; row < recording.time_s.size(); ++row) {
    if (recording.time_s[row] < next_s) continue;
    next_s += soak.minute_s();
    const double blocks = 20e6 / 64 + course(recording.time_s[row] / soak.minute_s()) / 64;
    recording.chunk_walks.push_back({recording.time_s[row], {static_cast<float>(blocks), 1000}, 5e6});
    recording.heap_slack_bytes[row] = 5e6;
  }
}

void expect_same(const Recording& one, const Recording& other, const JudgeSettings& settings) {
  const auto first = judge_recording(one, settings), second = judge_recording(other, settings);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].verdict, second[i].verdict) << name_of(first[i].metric);
    EXPECT_EQ(first[i].signal, second[i].signal);
    EXPECT_EQ(first[i].drift_per_day, second[i].drift_per_day);
    EXPECT_EQ(first[i].low, second[i].low);
    EXPECT_EQ(first[i].high, second[i].high);
    EXPECT_EQ(first[i].decided_at_s, second[i].decided_at_s);
    EXPECT_EQ(first[i].shape, second[i].shape);
    EXPECT_EQ(first[i].reason, second[i].reason);
  }
}

class FaultsJudged : public testing::TestWithParam<bool> {
 protected:
  Soak soak() const { return GetParam() ? compressed() : real_time(); }
};
INSTANTIATE_TEST_SUITE_P(In, FaultsJudged, testing::Bool(),
                         [](const auto& in) { return in.param ? "CompressedTime" : "RealTime"; });

TEST_P(FaultsJudged, AStepUpAndBackInsideAWindowChangesNothing) {
  const Soak soak = this->soak();
  for (const double limits : {0.0, 0.5, 2.0}) {
    const Recording without = with_faults(soak, creep() + leak(soak, limits));
    Recording with = without;
    for (std::size_t row = 0; row < with.time_s.size(); ++row)
      if (within_any(with.faults, with.time_s[row])) {
        with.rss_bytes[row] += 300e6;
        with.threads[row] += 40;
        with.descriptors[row] -= 30;
      }
    expect_same(with, without, soak.settings);
  }
}

TEST_P(FaultsJudged, NorDoesOneInTheHeap) {
  const Soak soak = this->soak();
  for (const double limits : {0.0, 2.0}) {
    Recording without = with_faults(soak, creep() + leak(soak, limits));
    add_walks(without, soak, leak(soak, limits));
    Recording with = without;
    for (ChunkWalk& walk : with.chunk_walks)
      if (within_any(with.faults, walk.time_s)) walk.counts[0] *= 7;
    expect_same(with, without, soak.settings);
    EXPECT_EQ(judge_recording(with, soak.settings)[0].verdict, limits > 1 ? Verdict::fail : Verdict::pass);
  }
}

TEST_P(FaultsJudged, NorDoThreadsThatAreBornAndGoneInOne) {
  const Soak soak = this->soak();
  Recording without = with_faults(soak, flat());
  without.faults = {{soak.settings.time_s / 2, soak.settings.time_s / 2 + 2 * soak.settings.age_s}};
  without.thread_lives.assign(20, {-1});
  Recording with = without;
  for (int i = 0; i < 500; ++i)
    with.thread_lives.push_back({without.faults[0].begin_s + 0.01, without.faults[0].end_s - 0.01});
  expect_same(with, without, soak.settings);
}

TEST_P(FaultsJudged, ThreadsThatFaultsLeaveBehindAreFound) {
  const Soak soak = this->soak();
  Recording recording = with_faults(soak, flat());
  recording.thread_lives.assign(20, {-1});
  for (const Window& window : recording.faults) {
    for (int i = 0; i < 3; ++i) recording.thread_lives.push_back({window.begin_s});
    for (std::size_t row = 0; row < recording.time_s.size(); ++row)
      if (recording.time_s[row] >= window.begin_s) recording.threads[row] += 3;
  }
  EXPECT_EQ(judge_recording(recording, soak.settings)[1].verdict, Verdict::fail);
  recording.thread_lives.clear();
  EXPECT_EQ(judge_recording(recording, soak.settings)[1].verdict, Verdict::fail) << "by counts";
}

TEST_P(FaultsJudged, ASteadyLeakIsFoundBesideThem) {
  const Soak soak = this->soak();
  for (std::uint32_t seed = 1; seed <= 5; ++seed)
    EXPECT_EQ(judge_recording(with_faults(soak, leak(soak, 2), seed), soak.settings)[0].verdict,
              Verdict::fail);
}

TEST_P(FaultsJudged, ACleanProgramPassesBesideThem) {
  const Soak soak = this->soak();
  for (std::uint32_t seed = 1; seed <= 5; ++seed)
    EXPECT_EQ(judge_recording(with_faults(soak, creep(), seed), soak.settings)[0].verdict, Verdict::pass);
}

// What each fault leaves behind: by RSS it takes one in every piece of the time that is looked at.
TEST_P(FaultsJudged, ALeakOfSomePerFaultIsFound) {
  const Soak soak = this->soak();
  Recording recording = with_faults(soak, flat());
  recording.faults.clear();
  for (double minute = 1; minute * soak.minute_s() < soak.settings.time_s; minute += 4)
    recording.faults.push_back({minute * soak.minute_s(), (minute + 0.5) * soak.minute_s()});
  for (std::size_t row = 0; row < recording.time_s.size(); ++row)
    for (const Window& window : recording.faults)
      if (recording.time_s[row] > window.begin_s)
        recording.rss_bytes[row] += std::round(2 * 4 * soak.limit_per_minute() / 4096) * 4096;
  EXPECT_EQ(judge_recording(recording, soak.settings)[0].verdict, Verdict::fail);
}

TEST_P(FaultsJudged, WindowsThatCoverEverythingAreNeverPassed) {
  const Soak soak = this->soak();
  for (const double limits : {0.0, 2.0}) {
    Recording recording = with_faults(soak, leak(soak, limits));
    recording.thread_lives.assign(20, {-1});
    recording.faults = {{0}};
    const auto metrics = judge_recording(recording, soak.settings);
    for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors})
      EXPECT_EQ(metrics[static_cast<std::size_t>(metric)].verdict, Verdict::inconclusive) << name_of(metric);
    EXPECT_THAT(metrics[0].reason, HasSubstr("faults cover"));
    EXPECT_THAT(metrics[1].reason, HasSubstr("faults cover"));
  }
}

TEST_P(FaultsJudged, NorIsARunOfWhichTheyHideTheEnd) {
  const Soak soak = this->soak();
  Recording recording = with_faults(soak, flat());
  recording.faults = {{0.6 * soak.settings.time_s}};
  JudgeSettings settings = soak.settings;
  settings.stop = Stop::never;
  for (const MetricVerdict& metric : judge_recording(recording, settings))
    if (metric.metric != Metric::cpu) {
      EXPECT_EQ(metric.verdict, Verdict::inconclusive) << name_of(metric.metric);
      EXPECT_THAT(metric.reason, HasSubstr("faults cover too much"));
    }
}

// A live run knows of a fault that has begun, and not when it will be over.
TEST_P(FaultsJudged, ARecordingIsJudgedAsTheLiveRunWas) {
  const Soak soak = this->soak();
  for (const double limits : {0.0, 0.7, 2.0}) {
    Recording whole = with_faults(soak, creep() + leak(soak, limits));
    add_walks(whole, soak, leak(soak, limits));
    Judge live(soak.settings);
    Recording grown = whole;
    for (auto* column :
         {&grown.time_s, &grown.rss_bytes, &grown.threads, &grown.descriptors, &grown.heap_slack_bytes})
      column->clear();
    grown.chunk_walks.clear();
    for (std::size_t row = 0; row < whole.time_s.size() && !live.finished_at_s(); ++row) {
      const double now_s = whole.time_s[row];
      grown.faults.clear();
      for (const Window& window : whole.faults)
        if (window.begin_s <= now_s)
          grown.faults.push_back({window.begin_s, window.end_s <= now_s ? window.end_s : never_s});
      grown.time_s.push_back(now_s);
      grown.rss_bytes.push_back(whole.rss_bytes[row]);
      grown.threads.push_back(whole.threads[row]);
      grown.descriptors.push_back(whole.descriptors[row]);
      grown.heap_slack_bytes.push_back(whole.heap_slack_bytes[row]);
      for (const ChunkWalk& walk : whole.chunk_walks)
        if (walk.time_s == now_s) grown.chunk_walks.push_back(walk);
      live.advance(grown, now_s);
    }
    live.conclude(grown);
    const auto again = judge_recording(whole, soak.settings), first = live.metrics();
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].verdict, again[i].verdict);
      EXPECT_EQ(first[i].decided_at_s, again[i].decided_at_s);
      EXPECT_EQ(first[i].drift_per_day, again[i].drift_per_day);
      EXPECT_EQ(first[i].reason, again[i].reason);
    }
  }
}

}  // namespace
}  // namespace soakline
