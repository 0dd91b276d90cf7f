#include "loadgen/devices/outages.hpp"

#include <gtest/gtest.h>

#include <array>

namespace soakline {
namespace {

constexpr std::array<std::uint32_t, 2> first_two = {0, 1};

class OutagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint32_t device = 0; device < 4; ++device) outages_.back(device, 0);
  }
  void drop(std::span<const std::uint32_t> devices, std::int64_t now_ns) {
    outages_.storm(devices, now_ns);
    for (const std::uint32_t device : devices) outages_.gone(device, now_ns);
  }
  Outages outages_{5};
};

TEST_F(OutagesTest, ComingUpForTheFirstTimeIsNoReconnect) {
  EXPECT_EQ(outages_.connected(), 4U);
  EXPECT_EQ(outages_.reconnects().count(), 0U);
}

TEST_F(OutagesTest, AReconnectLastsFromTheLossNotFromAFailedAttempt) {
  outages_.gone(2, 100);
  outages_.gone(2, 500);
  EXPECT_EQ(outages_.connected(), 3U);
  outages_.back(2, 700);
  EXPECT_EQ(outages_.reconnects().max_ns(), 600);
}

TEST_F(OutagesTest, AStormIsOverWhenTheLastOfItsDevicesIsBack) {
  drop(first_two, 1000);
  outages_.gone(3, 1000);
  outages_.back(3, 9000);
  outages_.back(0, 1200);
  EXPECT_EQ(outages_.slowest_storm_ns(), 0);
  outages_.back(1, 1500);
  EXPECT_EQ(outages_.slowest_storm_ns(), 500);
  EXPECT_EQ(outages_.storms(), 1U);
}

TEST_F(OutagesTest, AStormThatOverlapsTheOneBeforeGoesOnWithIt) {
  drop(first_two, 1000);
  outages_.back(0, 1100);
  drop(first_two, 2000);
  outages_.back(1, 2500);
  outages_.back(0, 2600);
  EXPECT_EQ(outages_.slowest_storm_ns(), 1600);
  EXPECT_EQ(outages_.storms(), 2U);
}

TEST_F(OutagesTest, WhatIsNotBackAtTheEndCountsWithTheTimeSoFar) {
  drop(first_two, 1000);
  outages_.back(0, 1100);
  outages_.end(6000);
  EXPECT_EQ(outages_.slowest_storm_ns(), 5000);
  EXPECT_EQ(outages_.reconnects().max_ns(), 5000);
  EXPECT_EQ(outages_.connected(), 3U);
}

}  // namespace
}  // namespace soakline
