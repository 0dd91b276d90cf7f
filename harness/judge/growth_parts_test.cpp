#include "harness/judge/growth_parts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace soakline {
namespace {

struct Series {
  std::vector<Point> points;
  std::vector<double> operations;
};

// Two hours, the load off in the middle third if `pause`.
Series grown(double per_operation, double per_hour, bool pause) {
  Series series;
  double done = 0;
  for (int i = 0; i < 240; ++i) {
    const double time_s = 30.0 * i;
    if (!pause || i < 80 || i >= 160) done += 300;
    series.operations.push_back(done);
    series.points.push_back(
        {time_s, 5e6 + per_operation * done + per_hour * time_s / 3600 + 2e4 * std::sin(2.3 * i)});
  }
  return series;
}

TEST(GrowthParts, TellsGrowthByOperationFromGrowthByTime) {
  const Series series = grown(1600, 2e6, true);
  const auto parts = growth_parts(series.points, series.operations, {});
  ASSERT_TRUE(parts);
  EXPECT_NEAR(parts->per_operation.value, 1600, 10);
  EXPECT_NEAR(parts->per_idle_hour.value, 2e6, 1e5);
  EXPECT_LT(parts->per_operation.low, 1600);
  EXPECT_GT(parts->per_operation.high, 1600);
}

TEST(GrowthParts, AreThoseOfProductionWhateverTheCompression) {
  const Series series = grown(1600, 2e6, true);
  JudgeSettings settings;
  settings.compression = 100;
  settings.operations_per_day = 58'000;
  const auto parts = growth_parts(series.points, series.operations, settings);
  ASSERT_TRUE(parts && parts->per_day);
  EXPECT_NEAR(parts->per_operation.value, 1600, 10);
  EXPECT_NEAR(parts->per_idle_hour.value, 2e4, 1e3);
  EXPECT_NEAR(parts->per_day->value, 1600 * 58'000 + 24 * 2e4, 1e6);
  EXPECT_LT(parts->per_day->low, parts->per_day->value);
}

TEST(GrowthParts, OfALoadThatNeverChangedTellsNothing) {
  const Series series = grown(1600, 2e6, false);
  EXPECT_FALSE(growth_parts(series.points, series.operations, {}));
}

}  // namespace
}  // namespace soakline
