#include "harness/judge/gaps.hpp"

#include <gtest/gtest.h>

namespace soakline {
namespace {

Gaps sampled_at(std::initializer_list<double> times) {
  Gaps gaps(10);
  for (const double time_s : times) gaps.add(time_s);
  return gaps;
}

TEST(Gaps, AreLongerThanTheLongestDistanceOfSamples) {
  EXPECT_EQ(sampled_at({10, 20, 30}).within(0, 30), 0);
  EXPECT_EQ(sampled_at({10, 20, 31}).within(0, 31), 11);
}

TEST(Gaps, CountAsFarAsTheyReachIntoATime) {
  const Gaps gaps = sampled_at({5, 25, 30, 60});
  EXPECT_EQ(gaps.within(0, 60), 50);
  EXPECT_EQ(gaps.within(20, 40), 15);
  EXPECT_EQ(gaps.within(26, 29), 0);
}

TEST(Gaps, MayBeOpen) {
  EXPECT_EQ(sampled_at({5}).within(0, 14), 0);
  EXPECT_EQ(sampled_at({5}).within(0, 25), 20);
  EXPECT_EQ(sampled_at({5}).within(15, 25), 10);
}

TEST(Gaps, MayStandAtTheStart) {
  EXPECT_EQ(sampled_at({25}).within(0, 25), 25);
}

}  // namespace
}  // namespace soakline
