#include "loadgen/cluster_member.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace soakline {
namespace {

class ClusterMemberTest : public testing::Test {
 protected:
  static LoadPlan redis() {
    LoadPlan plan;
    plan.kind = LoadKind::redis;
    return plan;
  }
  void send(std::vector<std::string> messages) {
    for (const auto& bytes : messages) member.offer({bytes, 100, 0, 0});
    member.wrote(member.to_write(200).size());
  }

  Ledger ledger;
  std::vector<std::string> elsewhere;
  std::int64_t intended_ns = 0;
  int redirections = 0;
  ClusterMember member{redis(), ledger, {}, [this](RoutedMessage message, const Redirection& where) {
                         elsewhere.push_back(message.bytes + where.node.port);
                         intended_ns = message.intended_ns;
                         redirections = message.redirections;
                       }};
};

TEST_F(ClusterMemberTest, AMessageThatLivesElsewhereIsHandedOnWithItsIntendedTimeAndLeavesTheAccount) {
  send({"a", "b", "c", "d"});
  const auto heard = member.hear(":1\r\n-MOVED 5 h:7001\r\n:1\r\n-ASK 6 h:7002\r\n", 300);
  EXPECT_EQ(heard.replies, 2U);
  EXPECT_THAT(elsewhere, testing::ElementsAre("b7001", "d7002"));
  EXPECT_EQ(intended_ns, 100);
  EXPECT_EQ(redirections, 1);
  EXPECT_EQ(ledger.offered, 2U);
  EXPECT_EQ(ledger.sent, 2U);
  EXPECT_EQ(ledger.answered, 2U);
  EXPECT_EQ(ledger.failed, 0U);
}

TEST_F(ClusterMemberTest, AfterADropOrALossStillTheRightMessageIsHandedOn) {
  send({"a", "b"});
  member.lost("gone");
  EXPECT_EQ(member.take_failed(), 2U);
  send({"c"});
  member.offer({"never sent", 0, 0, 0});
  member.drop_waiting();
  send({"d"});
  member.hear(":1\r\n-MOVED 5 h:7001\r\n", 300);
  EXPECT_THAT(elsewhere, testing::ElementsAre("d7001"));
  EXPECT_EQ(ledger.offered, ledger.sent + ledger.dropped);
  EXPECT_EQ(ledger.in_flight(), 0U);
}

TEST_F(ClusterMemberTest, WhatIsAskedForIsPrecededByWhatIsNotAnswered) {
  member.offer({"PING\r\n", 0, 0, 0}, true);
  EXPECT_THAT(std::string(member.to_write(1)),
              testing::AllOf(testing::HasSubstr("SKIP"), testing::EndsWith("ASKING\r\nPING\r\n")));
}

TEST_F(ClusterMemberTest, AMessageThatIsSentRoundAndRoundFails) {
  member.offer({"a", 0, 0, 16});
  member.to_write(1);
  EXPECT_EQ(member.hear("-MOVED 5 h:7001\r\n", 2).replies, 1U);
  EXPECT_EQ(ledger.failed, 1U);
  EXPECT_TRUE(elsewhere.empty());
}

}  // namespace
}  // namespace soakline
