#include "loadgen/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "loadgen/seeded.hpp"

namespace soakline {
namespace {

constexpr double promised_error = 0.008;

void expect_quantiles_of(std::vector<std::int64_t> values) {
  LatencyHistogram histogram;
  for (const auto value : values) histogram.record(value);
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
    const auto rank = std::max(1.0, std::ceil(q * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(rank) - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.quantile_ns(q)), exact, promised_error * exact) << "q " << q;
  }
  EXPECT_EQ(histogram.max_ns(), values.back());
  EXPECT_EQ(histogram.count(), values.size());
}

TEST(LatencyHistogram, QuantilesOfALongTailAreWithinItsError) {
  Random random = seeded(7, Purpose::messages);
  boost::random::lognormal_distribution<double> latency(11, 2);
  std::vector<std::int64_t> values(100'000);
  for (auto& value : values) value = std::llround(latency(random));
  expect_quantiles_of(values);
}

TEST(LatencyHistogram, QuantilesOverTheWholeRangeAreWithinItsError) {
  Random random = seeded(7, Purpose::messages);
  boost::random::uniform_int_distribution<int> bits(0, 62);
  std::vector<std::int64_t> values(100'000);
  for (auto& value : values) value = static_cast<std::int64_t>(random() >> 1 >> bits(random));
  expect_quantiles_of(values);
}

TEST(LatencyHistogram, SmallValuesAreExact) {
  LatencyHistogram histogram;
  for (std::int64_t value = 0; value < 256; ++value) histogram.record(value);
  for (int rank = 1; rank <= 256; ++rank) EXPECT_EQ(histogram.quantile_ns(rank / 256.0), rank - 1);
}

TEST(LatencyHistogram, TheEdgesOfTheRangeHaveTheirPlace) {
  LatencyHistogram histogram;
  histogram.record(-5);
  EXPECT_EQ(histogram.quantile_ns(1), 0);
  histogram.record(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.quantile_ns(0.5), 0);
  EXPECT_EQ(histogram.quantile_ns(1), std::numeric_limits<std::int64_t>::max());
}

TEST(LatencyHistogram, MergedOnesAreAsIfAllHadBeenRecordedInOne) {
  LatencyHistogram some, others, all;
  for (std::int64_t value = 1; value < 1'000'000; value *= 3) {
    (value % 2 == 0 ? some : others).record(value);
    (value % 4 == 1 ? some : others).record(2 * value);
    all.record(value);
    all.record(2 * value);
  }
  some.merge(others);
  EXPECT_EQ(some.count(), all.count());
  EXPECT_EQ(some.max_ns(), all.max_ns());
  EXPECT_TRUE(std::ranges::equal(some.counts(), all.counts()));
}

TEST(LatencyHistogram, TheDifferenceHasWhatCameSinceAndIsNoGreaterThanThat) {
  LatencyHistogram histogram;
  histogram.record(5'000'000);
  histogram.record(10);
  const LatencyHistogram earlier = histogram;
  EXPECT_EQ(histogram.since(earlier).count(), 0U);
  EXPECT_EQ(histogram.since(earlier).max_ns(), 0);
  histogram.record(70'000);
  const LatencyHistogram quieter = histogram.since(earlier);
  EXPECT_EQ(quieter.count(), 1U);
  EXPECT_NEAR(static_cast<double>(quieter.max_ns()), 70'000, 2 * promised_error * 70'000);
  EXPECT_GE(quieter.max_ns(), 70'000);
  histogram.record(6'000'001);
  EXPECT_EQ(histogram.since(earlier).max_ns(), 6'000'001);
}

TEST(LatencyHistogram, AnEmptyOneSaysZero) {
  EXPECT_EQ(LatencyHistogram().quantile_ns(0.99), 0);
}

}  // namespace
}  // namespace soakline
