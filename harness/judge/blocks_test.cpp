#include "harness/judge/blocks.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "harness/judge/recording.hpp"

namespace soakline {
namespace {

Blocks filled(double width_s, std::initializer_list<double> one_a_second) {
  Blocks blocks(width_s);
  double time_s = 0;
  for (const double value : one_a_second) blocks.add(time_s++, value);
  return blocks;
}

TEST(Blocks, KeepTheLeastOfEachBlock) {
  const Blocks blocks = filled(2, {5, 3, 7, 9});
  EXPECT_EQ(blocks.complete(4), 2u);
  EXPECT_EQ(blocks.min(0), 3);
  EXPECT_EQ(blocks.min(1), 7);
}

TEST(Blocks, AreCompleteOnceTheirTimeIsOver) {
  const Blocks blocks = filled(2, {1, 1, 1, 1});
  EXPECT_EQ(blocks.complete(3.9), 1u);
  EXPECT_EQ(blocks.complete(100), 2u);
}

TEST(Blocks, PassOverWhatIsNoSample) {
  Blocks blocks(1);
  blocks.add(-1, 5);
  blocks.add(missing, 5);
  blocks.add(0, missing);
  blocks.add(0, never_s);
  EXPECT_EQ(blocks.complete(10), 0u);
}

TEST(Blocks, KnowNoLeastWhereATenthIsMissing) {
  Blocks blocks(1);
  for (int i = 0; i < 40; ++i)
    if (i < 10 || i >= 16) blocks.add(i, 100 - i);
  EXPECT_EQ(blocks.min_over(20, 40), 61);
  EXPECT_TRUE(std::isnan(blocks.min_over(0, 20)));
  EXPECT_TRUE(std::isnan(blocks.min_over(30, 60)));
}

TEST(Blocks, GroupMinimaAtTheMiddleOfEachGroup) {
  const auto minima = filled(1, {4, 2, 6, 8, 7, 9}).minima(0, 6, 3);
  ASSERT_EQ(minima.size(), 2u);
  EXPECT_EQ(minima[0].time_s, 1.5);
  EXPECT_EQ(minima[0].value, 2);
  EXPECT_EQ(minima[1].value, 7);
}

TEST(Blocks, MeasureTheDeepestFallBelowAnEarlierHigh) {
  EXPECT_EQ(filled(1, {1, 9, 5, 8, 2, 20}).drawdown(0, 6), 7);
  EXPECT_EQ(filled(1, {1, 2, 3}).drawdown(0, 3), 0);
}

TEST(Blocks, MeasureTheSuddenFallApartFromTheSlowOne) {
  const Blocks slow = filled(1, {9, 8, 7, 6, 5, 4});
  EXPECT_EQ(slow.largest_drop(0, 6, 2), 2);
  EXPECT_EQ(slow.drawdown(0, 6), 5);
}

}  // namespace
}  // namespace soakline
