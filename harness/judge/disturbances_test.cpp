#include "harness/judge/disturbances.hpp"

#include <gtest/gtest.h>

namespace soakline {
namespace {

Disturbances of(std::vector<Window> faults) {
  return Disturbances(faults);
}

TEST(Disturbances, HoldTheirBeginningAndTheirEnd) {
  const Disturbances disturbed = of({{10, 20}, {30, 40}});
  EXPECT_FALSE(disturbed.contains(9.9));
  EXPECT_TRUE(disturbed.contains(10));
  EXPECT_TRUE(disturbed.contains(20));
  EXPECT_FALSE(disturbed.contains(20.1));
  EXPECT_TRUE(disturbed.contains(35));
  EXPECT_FALSE(Disturbances().contains(0));
}

TEST(Disturbances, AreOneWhereTheyOverlap) {
  const Disturbances disturbed = of({{10, 30}, {15, 20}, {25, 40}, {50, 60}});
  EXPECT_TRUE(disturbed.holds(12, 38));
  EXPECT_FALSE(disturbed.holds(12, 55));
  EXPECT_FALSE(disturbed.holds(5, 12));
  EXPECT_EQ(disturbed.within(0, 100), 40);
  EXPECT_EQ(disturbed.within(35, 55), 10);
}

TEST(Disturbances, MayBeOpen) {
  const Disturbances disturbed = of({{10}});
  EXPECT_TRUE(disturbed.contains(1e9));
  EXPECT_EQ(disturbed.within(0, 25), 15);
}

TEST(Disturbances, HideATimeOfWhichLessThanHalfIsSeenOrNotTheEnd) {
  EXPECT_FALSE(of({}).hide(0, 100));
  EXPECT_FALSE(of({{10, 55}}).hide(0, 100));
  EXPECT_TRUE(of({{10, 65}}).hide(0, 100));
  EXPECT_FALSE(of({{95}}).hide(0, 100));
  EXPECT_TRUE(of({{85}}).hide(0, 100));
  EXPECT_FALSE(of({{85, 99}}).hide(0, 100));
}

}  // namespace
}  // namespace soakline
