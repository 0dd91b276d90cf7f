#include "harness/judge/comparison.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "harness/judge/level_difference.hpp"

namespace soakline {
namespace {

MetricVerdict estimate(double drift, double low, double high, Verdict verdict = Verdict::pass) {
  MetricVerdict metric;
  metric.metric = Metric::threads;
  metric.verdict = verdict;
  metric.limit = 90;
  metric.tolerated = 45;
  metric.drift_per_day = drift;
  metric.low = low;
  metric.high = high;
  return metric;
}
MetricVerdict none_kept(double high) {
  MetricVerdict metric = estimate(0, 0, high);
  metric.limit = 24;
  metric.tolerated = 12;
  return metric;
}
MetricVerdict difference(const MetricVerdict& base, const MetricVerdict& next) {
  const Recording nothing;
  return compare({nothing, {base}}, {nothing, {next}}, {}).at(0);
}

// An hour of a program that warms up, breathes, and leaks so many MB a day in blocks of 208 B.
Recording lived(double leak_mb_per_day, double level_mb = 50, double cpu_share = 0.1) {
  Recording run;
  run.chunk_classes_bytes = {208};
  for (int i = 0; i < 3600; ++i) {
    const double leaked = leak_mb_per_day * 1e6 * i / 86'400;
    const double common = 20e6 * (1 - std::exp(-i / 1500.0)) + 2e6 * std::sin(i / 200.0);
    run.time_s.push_back(i);
    run.rss_bytes.push_back(level_mb * 1e6 + common + leaked + 4096 * (i * 7 % 13));
    run.threads.push_back(4);
    run.descriptors.push_back(10);
    run.cpu_s.push_back(cpu_share * i + 0.002 * (i % 3));
    run.operations.push_back(335.0 * i);
    const bool walked = i % 60 == 0;
    run.heap_slack_bytes.push_back(walked ? 1e6 : missing);
    if (walked)
      run.chunk_walks.push_back({static_cast<double>(i), {static_cast<float>((common + leaked) / 208)}});
  }
  return run;
}
MetricVerdict memory_verdict(Verdict verdict = Verdict::inconclusive) {
  MetricVerdict memory;
  memory.verdict = verdict;
  return memory;
}
MetricVerdict memory_difference(const Recording& base, const Recording& next) {
  JudgeSettings settings;
  settings.warmup_s = 600;
  return compare({base, {memory_verdict()}}, {next, {memory_verdict()}}, settings).at(0);
}
std::vector<std::string> what_is_more(const Recording& base, const Recording& next) {
  JudgeSettings settings;
  settings.warmup_s = 600;
  std::vector<std::string> names;
  for (const LevelDifference& level : compare_levels(base, next, settings))
    if (level.more) names.push_back(level.quantity);
  return names;
}

TEST(Compare, FindsALeakThatAWarmupOfBothWouldHide) {
  const MetricVerdict result = memory_difference(lived(0), lived(90));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_NEAR(*result.drift_per_day, 90e6, 1e6);
  EXPECT_LT(*result.high - *result.low, 10e6) << "what both do alike is in neither";
}

TEST(Compare, PassesTwoRunsOfOneProgram) {
  const MetricVerdict result = memory_difference(lived(0), lived(0));
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_LT(*result.smallest_found_per_day, 50e6);
}

TEST(Compare, IsAboutTheDifferenceAndNotTheDrift) {
  EXPECT_EQ(memory_difference(lived(500), lived(500)).verdict, Verdict::pass);
  EXPECT_EQ(memory_difference(lived(90), lived(0)).verdict, Verdict::pass);
}

TEST(Compare, ALevelIsNoDrift) {
  EXPECT_EQ(memory_difference(lived(0, 50), lived(0, 80)).verdict, Verdict::pass);
}

TEST(Compare, WhatFreeMemoryHidesShowsInTheHeap) {
  Recording base = lived(0), next = lived(90);
  next.rss_bytes = base.rss_bytes;
  const MetricVerdict result = memory_difference(base, next);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.signal, "chunks, new less base");
}

TEST(Compare, MemoryOutsideTheHeapCountsToo) {
  Recording base = lived(0), next = lived(90);
  next.chunk_walks = base.chunk_walks;
  const MetricVerdict result = memory_difference(base, next);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.signal, "rss outside the heap, new less base");
}

TEST(Compare, FragmentationIsNoLeakWhereTheHeapIsKnown) {
  Recording base = lived(0), next = lived(0);
  for (std::size_t i = 0; i < next.rss_bytes.size(); ++i) {
    const double free_bytes = 1000.0 * static_cast<double>(i);
    next.rss_bytes[i] += free_bytes;
    next.heap_slack_bytes[i] += free_bytes;
  }
  EXPECT_EQ(memory_difference(base, next).verdict, Verdict::pass);
  next.chunk_walks.clear();
  EXPECT_EQ(memory_difference(base, next).verdict, Verdict::fail) << "by RSS alone it is one";
}

TEST(Compare, ARunThatEndedInItsWarmupPassesNothing) {
  Recording brief = lived(0);
  brief.time_s.resize(500);
  brief.rss_bytes.resize(500);
  EXPECT_EQ(memory_difference(lived(0), brief).verdict, Verdict::inconclusive);
  EXPECT_EQ(memory_difference(brief, lived(0)).verdict, Verdict::inconclusive);
}

TEST(Compare, WalksThatStopLeaveItToRss) {
  Recording next = lived(300);
  next.chunk_walks.resize(30);  // of sixty: the later half was never walked
  const MetricVerdict result = memory_difference(lived(0), next);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.signal, "rss, new less base");
}

TEST(Compare, MissingSamplesPassNothing) {
  Recording holed = lived(0);
  holed.chunk_walks.clear();
  std::fill(holed.rss_bytes.begin() + 1400, holed.rss_bytes.begin() + 3500, missing);
  EXPECT_EQ(memory_difference(lived(0), holed).verdict, Verdict::inconclusive);
  EXPECT_EQ(memory_difference(holed, lived(0)).verdict, Verdict::inconclusive);
}

TEST(Compare, ABaseThatCountedNothingPassesNoThreads) {
  MetricVerdict undecided = none_kept(76);
  undecided.verdict = Verdict::inconclusive;
  EXPECT_EQ(difference(undecided, none_kept(76)).verdict, Verdict::inconclusive);
}

TEST(Compare, NamesWhatTheNewRunNeedsMoreOf) {
  EXPECT_THAT(what_is_more(lived(0), lived(0)), testing::IsEmpty());
  EXPECT_THAT(what_is_more(lived(0, 50), lived(0, 60)), testing::ElementsAre("memory"));
  EXPECT_THAT(what_is_more(lived(0, 50, 0.1), lived(0, 50, 0.15)), testing::ElementsAre("cpu per operation"));
  EXPECT_THAT(what_is_more(lived(0, 60, 0.15), lived(0, 50, 0.1)), testing::IsEmpty()) << "less is welcome";
  Recording more_threads = lived(0);
  more_threads.threads.assign(more_threads.threads.size(), 8);
  EXPECT_THAT(what_is_more(lived(0), more_threads), testing::ElementsAre("threads"));
}

TEST(Compare, CpuIsCountedByTheSecondWhereNobodyCountsOperations) {
  Recording base = lived(0, 50, 0.1), next = lived(0, 50, 0.2);
  base.operations.clear();
  next.operations.clear();
  EXPECT_THAT(what_is_more(base, next), testing::ElementsAre("cpu per second"));
}

TEST(Compare, RecoversTheIntervalOfTheDifferenceFromBoth) {
  const MetricVerdict result = difference(estimate(10, 7, 14), estimate(30, 24, 33));
  EXPECT_DOUBLE_EQ(*result.drift_per_day, 20);
  EXPECT_DOUBLE_EQ(*result.low, 20 - std::hypot(6, 4));
  EXPECT_DOUBLE_EQ(*result.high, 20 + std::hypot(3, 3));
}

TEST(Compare, FailsWhatDriftsMoreThanIsTolerated) {
  EXPECT_EQ(difference(estimate(10, 0, 20), estimate(100, 90, 110)).verdict, Verdict::fail);
}

TEST(Compare, PassesWhatDriftsAsMuchAsItsBase) {
  EXPECT_EQ(difference(estimate(100, 90, 110), estimate(100, 90, 110)).verdict, Verdict::pass);
}

TEST(Compare, IsInconclusiveWhileTheDifferenceIsUncertain) {
  const MetricVerdict result = difference(estimate(0, -80, 80), estimate(30, -60, 120));
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_GT(*result.smallest_found_per_day, result.limit);
}

TEST(Compare, IsInconclusiveWithoutAnEstimate) {
  MetricVerdict blind;
  blind.metric = Metric::threads;
  blind.verdict = Verdict::inconclusive;
  EXPECT_EQ(difference(blind, estimate(0, -1, 1)).verdict, Verdict::inconclusive);
  EXPECT_EQ(difference(estimate(0, -1, 1), blind).verdict, Verdict::inconclusive);
}

TEST(Compare, DoesNotJudgeWhatNeitherRunJudged) {
  MetricVerdict unjudged;
  unjudged.metric = Metric::threads;
  EXPECT_EQ(difference(unjudged, unjudged).verdict, Verdict::not_judged);
}

TEST(Compare, PassesTwoShortRunsThatKeptNone) {
  EXPECT_EQ(difference(none_kept(76), none_kept(76)).verdict, Verdict::pass);
}

TEST(Compare, TakesTheMetricsBothRunsHave) {
  const Recording nothing;
  const auto both = [&](const std::vector<MetricVerdict>& base, const std::vector<MetricVerdict>& next) {
    return compare({nothing, base}, {nothing, next}, {}).size();
  };
  EXPECT_EQ(both({memory_verdict(), none_kept(20)}, {none_kept(20)}), 1U);
  EXPECT_EQ(both({memory_verdict()}, {none_kept(20)}), 0U);
}

}  // namespace
}  // namespace soakline
