#include "harness/judge/troughs.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace soakline {
namespace {

std::vector<Point> one_a_second(std::initializer_list<double> values) {
  std::vector<Point> points;
  for (const double value : values) points.push_back({static_cast<double>(points.size()), value});
  return points;
}

std::vector<double> values(const std::vector<Point>& points) {
  std::vector<double> result;
  result.reserve(points.size());
  for (const Point& p : points) result.push_back(p.value);
  return result;
}

TEST(Troughs, LieBetweenTwoRises) {
  EXPECT_THAT(values(troughs(one_a_second({0, 10, 1, 12, 2, 11}), 5)), testing::ElementsAre(1, 2));
}

TEST(Troughs, NeedTheHeight) {
  EXPECT_THAT(troughs(one_a_second({0, 10, 7, 12, 9, 13}), 5), testing::IsEmpty());
}

TEST(Troughs, AreCertainOnlyAfterTheNextRise) {
  EXPECT_THAT(troughs(one_a_second({0, 10, 1, 2}), 5), testing::IsEmpty());
  EXPECT_THAT(troughs({}, 5), testing::IsEmpty());
}

TEST(PairSlopes, AreThoseOfAllPairs) {
  EXPECT_THAT(pair_slopes(one_a_second({0, 1, 6})), testing::ElementsAre(1, 3, 5));
}

TEST(PairSlopes, StayFewForManyPoints) {
  std::vector<Point> many;
  many.reserve(3000);
  for (int i = 0; i < 3000; ++i) many.push_back({i * 60.0, 3 * i * 60.0 + 100 * std::sin(i)});
  const auto slopes = pair_slopes(many);
  EXPECT_LT(slopes.size(), 9000u);
  EXPECT_GT(slopes.size(), 7000u);
  EXPECT_NEAR(quantile(slopes, 0.5), 3, 0.001);
  EXPECT_LT(quantile(slopes, 0.1), 3);
  EXPECT_GT(quantile(slopes, 0.9), 3);
}

TEST(Quantile, CountsFromTheLeast) {
  const std::vector<double> sorted = {1, 2, 3, 4, 5};
  EXPECT_EQ(quantile(sorted, 0), 1);
  EXPECT_EQ(quantile(sorted, 0.5), 3);
  EXPECT_EQ(quantile(sorted, 1), 5);
}

}  // namespace
}  // namespace soakline
