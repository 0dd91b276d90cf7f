#include "loadgen/devices/device_timeline.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

namespace soakline {
namespace {

using Kind = DeviceEvent::Kind;

constexpr std::int64_t second = 1'000'000'000;

DevicesPlan busy_plan() {
  DevicesPlan plan;
  plan.connections = 1000;
  plan.messages.emplace().rate_per_s = 500;
  plan.payload = {16, 64};
  plan.churn_per_s = 100;
  plan.storms = parse_storm_plan("200@1s/2s");
  return plan;
}

std::array<int, 3> counts_until(DeviceTimeline& timeline, std::int64_t until_ns) {
  std::array<int, 3> counts{};
  std::int64_t before = 0;
  while (timeline.due_ns() < until_ns) {
    const DeviceEvent event = timeline.next();
    EXPECT_GE(event.due_ns, before);
    before = event.due_ns;
    ++counts[static_cast<std::size_t>(event.kind)];
  }
  return counts;
}

std::string hash_of(const DevicesPlan& plan) {
  DeviceTimeline timeline(plan);
  counts_until(timeline, 4 * second);
  return timeline.hash();
}

TEST(DeviceTimeline, MessagesChurnsAndStormsComeInTheOrderOfTimeAtTheirRates) {
  DeviceTimeline timeline(busy_plan());
  const auto counts = counts_until(timeline, 100 * second);
  EXPECT_EQ(counts[0], 50'000);
  EXPECT_NEAR(counts[1], 10'000, 400);
  EXPECT_EQ(counts[2], 50) << "at 1 s and every 2 s after";
}

TEST(DeviceTimeline, WithoutAnythingPlannedNothingIsEverDue) {
  DevicesPlan plan;
  EXPECT_EQ(DeviceTimeline(plan).due_ns(), std::numeric_limits<std::int64_t>::max());
}

TEST(DeviceTimeline, AStormWithoutAPeriodComesOnce) {
  DevicesPlan plan = busy_plan();
  plan.storms = parse_storm_plan("5@1s");
  DeviceTimeline timeline(plan);
  EXPECT_EQ(counts_until(timeline, 100 * second)[2], 1);
}

TEST(DeviceTimeline, AStormTakesSoManyDifferentDevicesAndOthersTheNextTime) {
  DevicesPlan plan = busy_plan();
  plan.messages.reset();
  plan.churn_per_s = 0;
  DeviceTimeline timeline(plan);
  std::set<std::set<std::uint32_t>> storms;
  for (int i = 0; i < 5; ++i) {
    const DeviceEvent storm = timeline.next();
    const std::set<std::uint32_t> devices(storm.devices.begin(), storm.devices.end());
    EXPECT_EQ(devices.size(), 200U);
    EXPECT_LT(*devices.rbegin(), 1000U);
    storms.insert(devices);
  }
  EXPECT_EQ(storms.size(), 5U);
}

TEST(DeviceTimeline, EveryDeviceHasItsTurn) {
  DevicesPlan plan = busy_plan();
  plan.connections = 50;
  plan.storms.reset();
  DeviceTimeline timeline(plan);
  std::set<std::uint32_t> spoke, churned;
  while (timeline.due_ns() < 30 * second) {
    const DeviceEvent event = timeline.next();
    ASSERT_LT(event.device, 50U);
    (event.kind == Kind::message ? spoke : churned).insert(event.device);
  }
  EXPECT_EQ(spoke.size(), 50U);
  EXPECT_EQ(churned.size(), 50U);
}

TEST(DeviceTimeline, TheSeedAndThePlanDecideTheHash) {
  const std::string hash = hash_of(busy_plan());
  EXPECT_EQ(hash_of(busy_plan()), hash);
  DevicesPlan plan = busy_plan();
  plan.seed = 8;
  EXPECT_NE(hash_of(plan), hash);
  plan = busy_plan();
  plan.connections = 1001;
  EXPECT_NE(hash_of(plan), hash);
  plan = busy_plan();
  plan.churn_per_s = 101;
  EXPECT_NE(hash_of(plan), hash);
  plan = busy_plan();
  plan.storms->devices = 201;
  EXPECT_NE(hash_of(plan), hash);
}

}  // namespace
}  // namespace soakline
