#include "reports/series.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> seconds(std::size_t count) {
  std::vector<double> time_s;
  for (std::size_t i = 0; i < count; ++i) time_s.push_back(static_cast<double>(i));
  return time_s;
}

TEST(Series, ASpikeOfOneSampleSurvivesDecimation) {
  std::vector<double> values(100'000, 5);
  values[43'210] = 99;
  values[77'777] = -3;
  const Trace trace = decimated(seconds(values.size()), values, 500);
  EXPECT_LE(trace.size(), 502U);
  EXPECT_NE(std::find(trace.begin(), trace.end(), std::pair(43'210.0, 99.0)), trace.end());
  EXPECT_NE(std::find(trace.begin(), trace.end(), std::pair(77'777.0, -3.0)), trace.end());
  EXPECT_TRUE(std::is_sorted(trace.begin(), trace.end(), [](auto& a, auto& b) { return a.first < b.first; }));
}

TEST(Series, FewSamplesStayAsTheyAre) {
  const std::vector<double> values = {1, 2, nan, 4};
  EXPECT_EQ(decimated(seconds(4), values, 100), (Trace{{0, 1}, {1, 2}, {3, 4}}));
}

TEST(Series, AHoleBreaksTheLineAlsoWhenDecimated) {
  std::vector<double> values(1000, 1);
  std::fill(values.begin() + 400, values.begin() + 500, nan);
  for (const std::size_t most : {2000U, 50U}) {
    const Trace trace = decimated(seconds(1000), values, most);
    EXPECT_EQ(std::count_if(trace.begin(), trace.end(), [](auto& p) { return std::isnan(p.second); }), 1);
  }
}

TEST(Series, AColumnSampledOnceAMinuteHasNoHoles) {
  std::vector<double> values(600, nan);
  for (std::size_t i = 0; i < values.size(); i += 60) values[i] = 7;
  EXPECT_EQ(decimated(seconds(600), values, 100).size(), 10U);
}

TEST(Series, RatesAreGrowthPerSecondAndBreakWhereACounterFalls) {
  std::vector<double> counter;
  for (int i = 0; i < 100; ++i) counter.push_back(i < 50 ? 3 * i : 3 * (i - 50));
  const Trace rates = rate_of(seconds(100), counter, 20);
  ASSERT_GT(rates.size(), 15U);
  for (const auto& [time_s, rate] : rates)
    EXPECT_TRUE(std::isnan(rate) || std::abs(rate - 3) < 1e-9) << time_s;
  EXPECT_EQ(std::count_if(rates.begin(), rates.end(), [](auto& p) { return std::isnan(p.second); }), 1);
}

TEST(Series, NothingRecordedGivesNothing) {
  EXPECT_TRUE(decimated({}, {}, 10).empty());
  EXPECT_TRUE(rate_of({}, {}, 10).empty());
  EXPECT_TRUE(std::isnan(median_within({}, {}, 0, 1)));
  const std::vector<double> empty_cells(5, nan);
  EXPECT_TRUE(decimated(seconds(5), empty_cells, 10).empty());
  EXPECT_FALSE(has_values(empty_cells));
}

}  // namespace
}  // namespace soakline
