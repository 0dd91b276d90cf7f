#include "reports/numbers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace soakline {
namespace {

MetricVerdict memory(double drift, double low, double high) {
  MetricVerdict metric;
  metric.drift_per_day = drift;
  metric.low = low;
  metric.high = high;
  metric.limit = 90e6;
  metric.tolerated = 45e6;
  return metric;
}

TEST(Numbers, ALineSpeaksInTheUnitOfItsLimit) {
  const DriftText text = drift_text(memory(91.2e6, 86e6, 96.4e6));
  EXPECT_EQ(text.drift_with_unit(), "+91.2 MB/day");
  EXPECT_EQ(text.interval(), "[86.0, 96.4]");
  EXPECT_EQ(text.limit, "90");
  EXPECT_EQ(text.tolerated, "45");
}

TEST(Numbers, AHugeDriftKeepsTheUnitOfTheLimit) {
  const DriftText text = drift_text(memory(2.513e9, 2.4e9, 2.6e9));
  EXPECT_EQ(text.drift_with_unit() + " " + text.interval(), "+2513 MB/day [2400, 2600]");
}

TEST(Numbers, WhatRoundsToNothingHasNoSign) {
  const DriftText text = drift_text(memory(-3'000, -40e3, 30e3));
  EXPECT_EQ(text.drift, "0.0");
  EXPECT_EQ(text.interval(), "[0.0, 0.0]");
}

TEST(Numbers, CountsAreADayWithoutABlank) {
  MetricVerdict metric = memory(30.25, 20, 40);
  metric.metric = Metric::threads;
  metric.limit = 24;
  metric.tolerated = 12;
  EXPECT_EQ(drift_text(metric).drift_with_unit(), "+30.2/day");
}

TEST(Numbers, WhatWasNotMeasuredIsEmptyAndWhatIsNotFiniteIsShown) {
  EXPECT_EQ(drift_text(MetricVerdict{}).drift, "");
  EXPECT_EQ(drift_text(MetricVerdict{}).interval(), "");
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(drift_text(memory(1e6, -infinite, infinite)).interval(), "[-∞, ∞]");
  EXPECT_EQ(drift_text(memory(std::nan(""), 0, 1)).drift, "–");
}

TEST(Numbers, ALimitOfAnotherSizeKeepsItsDigits) {
  MetricVerdict metric;
  metric.limit = 45e3;
  metric.tolerated = 22.5e3;
  EXPECT_EQ(drift_text(metric).limit, "45");
  EXPECT_EQ(drift_text(metric).tolerated, "22.5");
  EXPECT_EQ(drift_text(metric).unit, "kB/day");
}

TEST(Numbers, NoneKeptIsOnlySaidOfCountsThatPassedWithNone) {
  MetricVerdict metric;
  metric.metric = Metric::threads;
  metric.verdict = Verdict::pass;
  EXPECT_FALSE(none_kept(metric)) << "nobody said what it would have seen";
  metric.smallest_found_per_day = 5;
  EXPECT_TRUE(none_kept(metric));
  metric.drift_per_day = 3;
  EXPECT_FALSE(none_kept(metric));
  metric.drift_per_day = 0;
  metric.verdict = Verdict::inconclusive;
  EXPECT_FALSE(none_kept(metric));
}

TEST(Numbers, ValuesOfOneLineShareTheirUnit) {
  const auto cpu = in_one_unit({92e-6, 90e-6, 8.1e-6}, "s");
  EXPECT_EQ(cpu.unit, "µs");
  EXPECT_EQ(cpu.values, (std::vector<std::string>{"92.0", "90.0", "8.1"}));
  EXPECT_EQ(in_one_unit({12, 8, 7}, "").values, (std::vector<std::string>{"12", "8", "7"}));
  EXPECT_EQ(in_one_unit({12, 8.25}, "").values[1], "8.2");
  EXPECT_EQ(in_one_unit({}, "B").unit, "B");
  EXPECT_EQ(in_one_unit({std::nan("")}, "B").values[0], "–");
}

TEST(Numbers, DurationsThatAreNoneAreADash) {
  EXPECT_EQ(duration_text(190), "3m10s");
  EXPECT_EQ(duration_text(std::nan("")), "–");
  EXPECT_EQ(duration_text(-1), "0s");
}

}  // namespace
}  // namespace soakline
