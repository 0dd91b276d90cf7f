#include "loadgen/devices/device_messages.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace soakline {
namespace {

using Answer = DeviceMessages::Answer;

class DeviceMessagesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Ledger> ledger_ = std::make_unique<Ledger>();
  DeviceMessages messages_{*ledger_, 3};
  DeviceQueue queue_, other_;
};

TEST_F(DeviceMessagesTest, AMessageIsOfferedSentAndAnsweredWithItsThreeLatencies) {
  messages_.offer(queue_, 1000, 20);
  EXPECT_EQ(ledger_->sent, 0U) << "it waits";
  messages_.send(queue_, 1100);
  EXPECT_EQ(messages_.answered(queue_, 0, 20, 1200), Answer::right);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(ledger_->answered, 1U);
  EXPECT_EQ(ledger_->from_intended.max_ns(), 200);
  EXPECT_EQ(ledger_->from_sent.max_ns(), 100);
  EXPECT_EQ(ledger_->lateness.max_ns(), 100);
}

TEST_F(DeviceMessagesTest, AnEchoOfAnotherLengthFails) {
  messages_.offer(queue_, 0, 20);
  messages_.send(queue_, 0);
  EXPECT_EQ(messages_.answered(queue_, 0, 21, 0), Answer::wrong_length);
  EXPECT_EQ(ledger_->failed, 1U);
}

TEST_F(DeviceMessagesTest, NobodyAskedForAnAnswerToNothingOrToWhatStillWaits) {
  EXPECT_EQ(messages_.answered(queue_, 0, 20, 0), Answer::unasked);
  messages_.offer(queue_, 0, 20);
  EXPECT_EQ(messages_.answered(queue_, 0, 20, 0), Answer::unasked);
  messages_.send(queue_, 0);
  EXPECT_EQ(messages_.answered(queue_, 7, 4, 0), Answer::unasked) << "another packet id";
}

TEST_F(DeviceMessagesTest, PacketIdsFindTheirMessageInAnyOrder) {
  for (int i = 0; i < 3; ++i) messages_.offer(queue_, i, 20);
  messages_.send(queue_, 10);
  EXPECT_EQ(messages_.answered(queue_, 3, 4, 20), Answer::right);
  EXPECT_EQ(messages_.answered(queue_, 1, 4, 20), Answer::right);
  EXPECT_EQ(messages_.answered(queue_, 2, 4, 20), Answer::right);
  EXPECT_EQ(messages_.answered(queue_, 2, 4, 20), Answer::unasked) << "once only";
  EXPECT_TRUE(queue_.empty());
}

TEST_F(DeviceMessagesTest, PacketIdsGoRoundAndAreNeverZeroNorTheSubscriptions) {
  for (int i = 0; i < 70'000; ++i) {
    const std::uint16_t id = messages_.next_id(queue_);
    ASSERT_NE(id, 0);
    ASSERT_NE(id, 65'535);
    messages_.offer(queue_, 0, 1);
    messages_.send(queue_, 0);
    ASSERT_EQ(messages_.answered(queue_, id, 4, 0), Answer::right);
  }
}

TEST_F(DeviceMessagesTest, ADeviceThatHoldsItsShareDropsWhatComesAndOthersDoNot) {
  for (int i = 0; i < 5; ++i) messages_.offer(queue_, 0, 20);
  EXPECT_TRUE(messages_.offer(other_, 0, 20));
  EXPECT_EQ(ledger_->offered, 6U);
  EXPECT_EQ(ledger_->dropped, 2U);
}

TEST_F(DeviceMessagesTest, AConnectionThatIsLostFailsWhatWasSentAndKeepsWhatWaits) {
  messages_.offer(queue_, 0, 20);
  messages_.send(queue_, 0);
  messages_.offer(queue_, 0, 30);
  messages_.lost(queue_, "gone");
  EXPECT_EQ(ledger_->failed, 1U);
  EXPECT_EQ(ledger_->first_failure, "gone");
  EXPECT_EQ(queue_.messages, 1);
  messages_.send(queue_, 0);
  EXPECT_EQ(messages_.answered(queue_, 0, 30, 0), Answer::right);
}

TEST_F(DeviceMessagesTest, AtTheEndWhatWaitsIsDroppedAndWhatIsInFlightStays) {
  messages_.offer(queue_, 0, 20);
  messages_.send(queue_, 0);
  messages_.offer(queue_, 0, 30);
  messages_.drop_waiting(queue_);
  EXPECT_EQ(ledger_->dropped, 1U);
  EXPECT_EQ(ledger_->in_flight(), 1U);
  EXPECT_TRUE(messages_.offer(queue_, 0, 40)) << "the queue is whole";
  EXPECT_EQ(queue_.messages, 2);
}

TEST_F(DeviceMessagesTest, QualityZeroIsAnsweredWhenItIsWritten) {
  messages_.offer(queue_, 0, 20);
  messages_.offer(queue_, 0, 20);
  messages_.send(queue_, 50);
  messages_.all_answered(queue_, 60);
  EXPECT_EQ(ledger_->answered, 2U);
  EXPECT_EQ(ledger_->from_sent.max_ns(), 10);
}

}  // namespace
}  // namespace soakline
