#include "harness/judge/comparison.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace soakline {
namespace {

MetricVerdict estimate(double drift, double low, double high, Verdict verdict = Verdict::pass) {
  MetricVerdict metric;
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
  metric.metric = Metric::threads;
  metric.limit = 24;
  metric.tolerated = 12;
  return metric;
}
MetricVerdict difference(const MetricVerdict& base, const MetricVerdict& next) {
  return compare({base}, {next}).at(0);
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
  blind.verdict = Verdict::inconclusive;
  EXPECT_EQ(difference(blind, estimate(0, -1, 1)).verdict, Verdict::inconclusive);
  EXPECT_EQ(difference(estimate(0, -1, 1), blind).verdict, Verdict::inconclusive);
}

TEST(Compare, DoesNotJudgeWhatNeitherRunJudged) {
  EXPECT_EQ(difference(MetricVerdict{}, MetricVerdict{}).verdict, Verdict::not_judged);
}

TEST(Compare, PassesTwoShortRunsThatKeptNone) {
  EXPECT_EQ(difference(none_kept(76), none_kept(76)).verdict, Verdict::pass);
}

TEST(Compare, LeavesMemoryUndecidedWhereItsIntervalHoldsTheLimit) {
  EXPECT_EQ(difference(estimate(0, -80, 80), estimate(0, -80, 80)).verdict, Verdict::inconclusive);
}

TEST(Compare, TakesTheMetricsBothRunsHave) {
  EXPECT_EQ(compare({estimate(0, -1, 1), none_kept(20)}, {none_kept(20)}).size(), 1u);
  EXPECT_TRUE(compare({estimate(0, -1, 1)}, {none_kept(20)}).empty());
}

}  // namespace
}  // namespace soakline
