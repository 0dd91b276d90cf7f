#include "harness/judge/judge.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

using namespace traces;

// Memory and counts of a whole run: one more thread every `thread_every_s`, descriptors that stay.
Recording whole(const Soak& soak, const Course& course, double thread_every_s = never_s) {
  Recording recording = rss(soak, course, 11);
  for (const double t : recording.time_s) {
    recording.threads.push_back(20 + std::floor(t / thread_every_s));
    recording.descriptors.push_back(50 + std::fmod(std::floor(t / soak.sample_s), 3));
  }
  return recording;
}

// Limits of which a pass can come before the end, so that a run can be decided early.
Soak decidable() {
  Soak soak = real_time();
  soak.settings.threads = soak.settings.descriptors = {500, 250};
  return soak;
}

std::vector<MetricVerdict> step_by_step(const Recording& recording, const JudgeSettings& settings) {
  Judge judge(settings);
  Recording grown;
  for (std::size_t i = 0; i < recording.time_s.size() && !judge.finished_at_s(); ++i) {
    grown.time_s.push_back(recording.time_s[i]);
    grown.rss_bytes.push_back(recording.rss_bytes[i]);
    grown.threads.push_back(recording.threads[i]);
    grown.descriptors.push_back(recording.descriptors[i]);
    // A live run knows only who was born so far, and of no end to come.
    for (const Lifetime& life : recording.thread_lives)
      if (life.born_s <= recording.time_s[i] && (i == 0 || life.born_s > recording.time_s[i - 1]))
        grown.thread_lives.push_back({life.born_s});
    for (std::size_t k = 0; k < grown.thread_lives.size(); ++k)
      if (recording.thread_lives[k].gone_s <= recording.time_s[i])
        grown.thread_lives[k].gone_s = recording.thread_lives[k].gone_s;
    judge.advance(grown, recording.time_s[i]);
  }
  judge.conclude(grown);
  return judge.metrics();
}

MATCHER_P(is_verdict_of, other, "") {
  const MetricVerdict& one = arg;
  return one.metric == other.metric && one.verdict == other.verdict && one.signal == other.signal &&
         one.drift_per_day == other.drift_per_day && one.low == other.low && one.high == other.high &&
         one.smallest_found_per_day == other.smallest_found_per_day &&
         one.decided_at_s == other.decided_at_s && one.reason == other.reason;
}
void expect_same(const std::vector<MetricVerdict>& one, const std::vector<MetricVerdict>& other) {
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i)
    EXPECT_THAT(one[i], is_verdict_of(other[i])) << name_of(one[i].metric);
}

TEST(Judge, ReplaysALiveRunExactly) {
  for (const Stop stop : {Stop::decided, Stop::fail, Stop::never})
    for (Soak soak : {decidable(), compressed()}) {
      soak.settings.stop = stop;
      for (const double limits : {0.0, 0.7, 2.0}) {
        const Recording recording = whole(soak, creep() + leak(soak, limits), 40 * soak.minute_s());
        expect_same(judge_recording(recording, soak.settings), step_by_step(recording, soak.settings));
      }
    }
}

TEST(Judge, ReplaysIdentitiesExactly) {
  const Soak soak = decidable();
  Recording recording = whole(soak, creep());
  for (const double born : times(-2, 7200, 45))
    recording.thread_lives.push_back({born, born + 600 + born / 4});
  expect_same(judge_recording(recording, soak.settings), step_by_step(recording, soak.settings));
}

TEST(Judge, ListsMetricsInOrderAndLeavesCpuToTheBaseline) {
  const auto metrics = Judge(JudgeSettings{}).metrics();
  ASSERT_EQ(metrics.size(), all_metrics.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) EXPECT_EQ(metrics[i].metric, all_metrics[i]);
  EXPECT_EQ(metrics[3].verdict, Verdict::not_judged);
}

TEST(Judge, EndsOnceEveryMetricIsDecided) {
  const Soak soak = decidable();
  const Recording recording = whole(soak, flat());
  Judge judge(soak.settings);
  judge.advance(recording, recording.end_s());
  ASSERT_TRUE(judge.finished_at_s());
  EXPECT_LT(*judge.finished_at_s(), 3600);
  judge.conclude(recording);
  EXPECT_EQ(worst(judge.metrics()), Verdict::pass);
}

TEST(Judge, GoesOnForAPassWhenItStopsOnAFailOnly) {
  Soak soak = decidable();
  soak.settings.stop = Stop::fail;
  const Recording clean = whole(soak, flat()), leaking = whole(soak, leak(soak, 1));
  Judge judge(soak.settings), other(soak.settings);
  judge.advance(clean, clean.end_s());
  EXPECT_FALSE(judge.finished_at_s());
  other.advance(leaking, leaking.end_s());
  ASSERT_TRUE(other.finished_at_s());
  EXPECT_EQ(other.finished_at_s(), other.metrics()[0].decided_at_s);
}

TEST(Judge, NeverEndsWhenToldSo) {
  Soak soak = decidable();
  soak.settings.stop = Stop::never;
  soak.settings.must_fail = {Metric::memory};
  const Recording leaking = whole(soak, leak(soak, 2), 10);
  Judge judge(soak.settings);
  judge.advance(leaking, leaking.end_s());
  EXPECT_FALSE(judge.finished_at_s());
  EXPECT_EQ(judge.metrics()[0].verdict, Verdict::fail);
}

TEST(Judge, EndsAControlOnceAllItNamesHaveFailed) {
  Soak soak = real_time();
  for (const Stop stop : {Stop::decided, Stop::fail}) {
    soak.settings.stop = stop;
    soak.settings.must_fail = {Metric::threads, Metric::memory};
    const Recording both = whole(soak, leak(soak, 2), 8.6), one = whole(soak, flat(), 8.6);
    Judge judge(soak.settings), other(soak.settings);
    judge.advance(both, both.end_s());
    ASSERT_TRUE(judge.finished_at_s());
    EXPECT_EQ(*judge.finished_at_s(),
              std::max(judge.metrics()[0].decided_at_s, judge.metrics()[1].decided_at_s));
    other.advance(one, one.end_s());
    EXPECT_FALSE(other.finished_at_s()) << name_of(stop);
    EXPECT_EQ(other.metrics()[1].verdict, Verdict::fail);
  }
}

TEST(Judge, LetsALaterFailOverrideAPass) {
  Soak soak = decidable();
  soak.settings.stop = Stop::fail;
  const Recording late = whole(soak, leak(soak, 2, 60));
  Judge judge(soak.settings);
  judge.advance(late, 3000);
  ASSERT_EQ(judge.metrics()[0].verdict, Verdict::pass);
  judge.advance(late, late.end_s());
  EXPECT_EQ(judge.metrics()[0].verdict, Verdict::fail);
  EXPECT_GT(*judge.metrics()[0].decided_at_s, 3600);
  EXPECT_EQ(judge.finished_at_s(), judge.metrics()[0].decided_at_s);
}

TEST(Judge, SaysWhetherItLooked) {
  const Soak soak = real_time();
  const Recording recording = whole(soak, flat());
  Judge judge(soak.settings);
  EXPECT_FALSE(judge.advance(recording, 100));
  EXPECT_TRUE(judge.advance(recording, 1800));
  EXPECT_FALSE(judge.advance(recording, 1800));
}

TEST(Judge, SetsNoVerdictOnNothing) {
  JudgeSettings settings;
  EXPECT_EQ(worst(judge_recording(Recording{}, settings)), Verdict::not_judged);
  settings.memory.asked = true;
  const auto metrics = judge_recording(Recording{}, settings);
  EXPECT_EQ(metrics[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(metrics[0].reason, "no samples of rss_bytes");
}

// Rows whose memory is missing where `gone` says so, of a clean run.
Verdict memory_without(const std::function<bool(double minute)>& gone) {
  Soak soak = real_time();
  Recording recording = whole(soak, flat());
  for (std::size_t i = 0; i < recording.time_s.size(); ++i)
    if (gone(recording.time_s[i] / 60)) recording.rss_bytes[i] = missing;
  return judge_recording(recording, soak.settings)[0].verdict;
}

TEST(Judge, NeverPassesMemoryThatIsMissing) {
  EXPECT_EQ(memory_without([](double) { return true; }), Verdict::not_judged);
  EXPECT_EQ(memory_without([](double minute) { return minute > 20; }), Verdict::inconclusive);
  EXPECT_EQ(memory_without([](double minute) { return minute < 100; }), Verdict::inconclusive);
  EXPECT_EQ(memory_without([](double minute) { return std::fmod(minute, 2) > 0.5; }), Verdict::inconclusive);
  EXPECT_EQ(memory_without([](double minute) { return std::fmod(minute, 1) > 0.9; }), Verdict::pass);
}

TEST(Judge, WithdrawsAPassThatMissingSamplesFollow) {
  Soak soak = decidable();
  soak.settings.stop = Stop::never;
  Recording late = whole(soak, leak(soak, 2, 60));
  EXPECT_EQ(judge_recording(late, soak.settings)[0].verdict, Verdict::fail);
  const auto from = static_cast<std::ptrdiff_t>(3600 / soak.sample_s);
  for (auto* column : {&late.rss_bytes, &late.threads})
    std::fill(column->begin() + from, column->end(), missing);
  const auto metrics = judge_recording(late, soak.settings);
  for (const MetricVerdict& metric : {metrics[0], metrics[1]}) {
    EXPECT_EQ(metric.verdict, Verdict::inconclusive);
    EXPECT_THAT(metric.reason, testing::StartsWith("passed at first"));
    EXPECT_FALSE(metric.decided_at_s);
  }
  EXPECT_EQ(metrics[2].verdict, Verdict::pass);
}

TEST(Judge, NamesSamplesThatAreTooSparse) {
  Soak soak = compressed();
  soak.sample_s = 5;
  const MetricVerdict memory = judge_recording(rss(soak, flat(), 1), soak.settings)[0];
  EXPECT_EQ(memory.verdict, Verdict::inconclusive);
  EXPECT_EQ(memory.reason, "samples are missing, or fewer than its blocks of time");
}

TEST(Judge, IgnoresAConstant) {
  for (const double limits : {0.0, 1.0}) {
    const Soak soak = decidable();
    Recording recording = whole(soak, leak(soak, limits) + sawtooth(2e6, 5));
    const auto before = judge_recording(recording, soak.settings);
    for (double& bytes : recording.rss_bytes) bytes += 1e9;
    const auto after = judge_recording(recording, soak.settings);
    EXPECT_EQ(after[0].verdict, before[0].verdict);
    EXPECT_EQ(after[0].decided_at_s, before[0].decided_at_s);
    EXPECT_NEAR(*after[0].low, *before[0].low, 1);
    EXPECT_NEAR(*after[0].high, *before[0].high, 1);
  }
}

TEST(Judge, FollowsAScaleOfValuesLimitAndPage) {
  for (const double limits : {0.0, 1.0}) {
    Soak soak = decidable();
    Recording recording = whole(soak, leak(soak, limits) + sawtooth(2e6, 5));
    const auto before = judge_recording(recording, soak.settings)[0];
    for (double& bytes : recording.rss_bytes) bytes *= 16;
    soak.settings.memory = {16 * soak.settings.memory.fail, 16 * soak.settings.memory.tolerate};
    soak.settings.page_bytes *= 16;
    const auto after = judge_recording(recording, soak.settings)[0];
    EXPECT_EQ(after.verdict, before.verdict);
    EXPECT_EQ(after.decided_at_s, before.decided_at_s);
    EXPECT_NEAR(*after.drift_per_day, 16 * *before.drift_per_day, 1);
    EXPECT_NEAR(*after.smallest_found_per_day, 16 * *before.smallest_found_per_day, 1);
  }
}

TEST(Worst, IsAFailBeforeAllElse) {
  const auto of = [](std::vector<Verdict> verdicts) {
    std::vector<MetricVerdict> metrics(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) metrics[i].verdict = verdicts[i];
    return worst(metrics);
  };
  EXPECT_EQ(of({Verdict::pass, Verdict::invalid, Verdict::fail}), Verdict::fail);
  EXPECT_EQ(of({Verdict::inconclusive, Verdict::invalid}), Verdict::invalid);
  EXPECT_EQ(of({Verdict::pass, Verdict::inconclusive}), Verdict::inconclusive);
  EXPECT_EQ(of({Verdict::not_judged, Verdict::pass}), Verdict::pass);
  EXPECT_EQ(of({Verdict::not_judged}), Verdict::not_judged);
}

TEST(Names, AreReadBack) {
  for (const Metric metric : all_metrics) EXPECT_EQ(metric_named(name_of(metric)), metric);
  for (const Stop stop : {Stop::decided, Stop::fail, Stop::never}) EXPECT_EQ(stop_named(name_of(stop)), stop);
  EXPECT_EQ(verdict_named("not judged"), Verdict::not_judged);
  EXPECT_FALSE(metric_named("memroy"));
}

}  // namespace
}  // namespace soakline
