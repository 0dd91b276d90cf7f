#include "harness/fault_timeline.hpp"

#include <gmock/gmock.h>

namespace soakline {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

FaultPlan restart(double at_s, std::optional<double> every_s = {}) {
  FaultPlan plan;
  plan.kind = FaultKind::restart;
  plan.on = "redis";
  plan.at_s = at_s;
  plan.every_s = every_s;
  return plan;
}

FaultPlan jittered() {
  FaultPlan plan = restart(60, 120);
  plan.jitter_s = 30;
  plan.for_s = 5;
  return plan;
}

std::vector<double> beginnings(const std::vector<Fault>& timeline) {
  std::vector<double> begin_s;
  for (const Fault& fault : timeline) begin_s.push_back(fault.begin_s);
  return begin_s;
}

TEST(FaultTimeline, HappensOnceOrAgainAndAgainUntilTheEndOfTheRun) {
  EXPECT_THAT(beginnings(fault_timeline({restart(120)}, 7, 600)), ElementsAre(120));
  EXPECT_THAT(beginnings(fault_timeline({restart(120, 200)}, 7, 600)), ElementsAre(120, 320, 520));
  EXPECT_THAT(beginnings(fault_timeline({restart(600)}, 7, 600)), ElementsAre());
}

TEST(FaultTimeline, MovesEachOccurrenceByItsOwnJitter) {
  const auto timeline = fault_timeline({jittered()}, 7, 7200);
  ASSERT_THAT(timeline, SizeIs(60));
  double least = 30, most = 0;
  for (std::size_t k = 0; k < timeline.size(); ++k) {
    const double moved_s = timeline[k].begin_s - (60 + 120 * static_cast<double>(k));
    EXPECT_GE(moved_s, 0);
    EXPECT_LE(moved_s, 30);
    EXPECT_DOUBLE_EQ(timeline[k].end_s - timeline[k].begin_s, 5);
    least = std::min(least, moved_s);
    most = std::max(most, moved_s);
  }
  EXPECT_LT(least, 3);
  EXPECT_GT(most, 27);
}

// The values are those of one machine: another engine or distribution would change them.
TEST(FaultTimeline, IsTheSameForASeedOnAnyMachine) {
  for (int again = 0; again < 10; ++again)
    EXPECT_EQ(hash_of(fault_timeline({jittered(), restart(100, 250)}, 7, 7200)), "72828b6fb826d081");
  EXPECT_THAT(beginnings(fault_timeline({jittered()}, 7, 400)), ElementsAre(74.209, 183.917, 321.951));
  EXPECT_NE(hash_of(fault_timeline({jittered()}, 8, 7200)), hash_of(fault_timeline({jittered()}, 7, 7200)));
}

TEST(FaultTimeline, ItsHashTellsParametersApart) {
  FaultPlan normal = restart(10), pubsub = normal;
  normal.parameters["type"] = "normal";
  pubsub.parameters["type"] = "pubsub";
  EXPECT_NE(hash_of(fault_timeline({normal}, 7, 60)), hash_of(fault_timeline({pubsub}, 7, 60)));
}

TEST(FaultTimeline, OnePlanMoreLeavesTheOthersWhereTheyWere) {
  FaultPlan other = jittered();
  other.on = "target";
  const auto alone = fault_timeline({jittered()}, 7, 7200);
  auto both = fault_timeline({jittered(), other}, 7, 7200);
  std::erase_if(both, [](const Fault& fault) { return fault.on == "target"; });
  EXPECT_EQ(hash_of(both), hash_of(alone));
}

TEST(FaultTimeline, OneProcessHasOneFaultAtATime) {
  FaultPlan stop = restart(100);
  stop.for_s = 20;
  FaultPlan elsewhere = restart(110);
  elsewhere.on = "target";
  EXPECT_THAT(beginnings(fault_timeline({stop, restart(110), elsewhere}, 7, 600)),
              ElementsAre(100, 110, 120));
}

TEST(FaultTimeline, IsSortedAlsoWhereOneHasToWait) {
  FaultPlan stop = restart(100);
  stop.for_s = 20;
  FaultPlan elsewhere = restart(115);
  elsewhere.on = "target";
  const auto timeline = fault_timeline({stop, restart(110), elsewhere}, 7, 600);
  EXPECT_THAT(beginnings(timeline), ElementsAre(100, 115, 120));
}

TEST(FaultTimeline, WhatWouldWaitBeyondTheEndDoesNotHappen) {
  FaultPlan stop = restart(590);
  stop.for_s = 20;
  EXPECT_THAT(fault_timeline({stop, restart(595)}, 7, 600), SizeIs(1));
}

}  // namespace
}  // namespace soakline
