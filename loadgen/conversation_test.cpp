#include "loadgen/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace soakline {
namespace {

class ConversationTest : public testing::Test {
 protected:
  static LoadPlan ten_byte_frames() {
    LoadPlan plan;
    plan.payload = {6, 6};
    return plan;
  }

  void offer(int count, std::int64_t intended_ns = 0) {
    for (int i = 0; i < count; ++i) talk.offer(*stream, intended_ns);
  }
  // What goes out in one batch, all of it written.
  std::string send(std::int64_t now_ns) {
    if (!talk.begin_batch(now_ns)) return {};
    std::string bytes(talk.unwritten());
    talk.wrote(bytes.size());
    return bytes;
  }

  Ledger ledger;
  std::unique_ptr<MessageStream> stream = make_message_stream(ten_byte_frames());
  Conversation talk{make_reply_reader(LoadKind::frames), ledger, {5, 1 << 20}};
};

TEST_F(ConversationTest, AllThatWaitsGoesOutInOneBatch) {
  offer(3);
  EXPECT_EQ(send(10).size(), 30U);
  EXPECT_EQ(ledger.sent, 3U);
  EXPECT_FALSE(talk.begin_batch(20));
}

TEST_F(ConversationTest, LatencyIsCountedFromTheIntendedTimeAndFromTheSending) {
  offer(1, 1000);
  const std::string echo = send(1100);
  EXPECT_EQ(talk.hear(echo, 1250).replies, 1U);
  EXPECT_EQ(ledger.answered, 1U);
  EXPECT_EQ(ledger.from_intended.max_ns(), 250);
  EXPECT_EQ(ledger.from_sent.max_ns(), 150);
  EXPECT_EQ(ledger.lateness.max_ns(), 100);
}

TEST_F(ConversationTest, WhatIsOfferedDuringAPartialWriteWaitsForTheNextBatch) {
  offer(2);
  ASSERT_TRUE(talk.begin_batch(1));
  const std::string first(talk.unwritten());
  talk.wrote(7);
  offer(1);
  EXPECT_EQ(talk.unwritten(), first.substr(7));
  talk.wrote(13);
  EXPECT_EQ(ledger.sent, 2U);
  const std::string second = send(2);
  EXPECT_EQ(second.substr(4), "000002");
  EXPECT_EQ(talk.hear(first + second, 3).replies, 3U);
}

TEST_F(ConversationTest, AFullBacklogDropsTheNewestAndCountsThem) {
  offer(4);
  const std::string echo = send(1);
  offer(3);  // one place is left
  EXPECT_EQ(ledger.dropped, 2U);
  talk.hear(echo, 2);
  offer(1);
  EXPECT_THAT(send(3), testing::AllOf(testing::HasSubstr("000004"), testing::HasSubstr("000007")));
  EXPECT_EQ(ledger.offered, ledger.sent + ledger.dropped);
}

TEST_F(ConversationTest, ADroppedMessageIsStillPartOfTheStream) {
  offer(8);
  const auto all_sent = make_message_stream(ten_byte_frames());
  std::string bytes;
  for (int i = 0; i < 8; ++i) all_sent->append_next(bytes, 0);
  EXPECT_GT(ledger.dropped, 0U);
  EXPECT_EQ(stream->hash(), all_sent->hash());
}

TEST_F(ConversationTest, ALostConnectionFailsWhatWasSentAndKeepsWhatWaits) {
  offer(2);
  ASSERT_TRUE(talk.begin_batch(1));
  talk.wrote(3);
  offer(1);
  talk.lost("gone");
  EXPECT_EQ(ledger.failed, 2U);
  EXPECT_EQ(ledger.first_failure, "gone");
  EXPECT_TRUE(talk.unwritten().empty());
  const std::string echo = send(2);
  EXPECT_EQ(echo.substr(4), "000002");
  talk.hear(echo, 3);
  EXPECT_EQ(ledger.answered, 1U);
  EXPECT_EQ(ledger.in_flight(), 0U);
}

TEST_F(ConversationTest, HalfAnAnswerIsForgottenWithItsConnection) {
  offer(1);
  talk.hear(send(1).substr(0, 6), 2);
  talk.lost("gone");
  offer(1);
  EXPECT_EQ(talk.hear(send(3), 4).replies, 1U);
  EXPECT_EQ(ledger.answered, 1U);
}

TEST_F(ConversationTest, AtTheEndWhatWaitsIsDroppedAndWhatWasSentIsNot) {
  offer(2);
  ASSERT_TRUE(talk.begin_batch(1));
  talk.wrote(5);
  offer(3);
  talk.drop_waiting();
  EXPECT_EQ(ledger.dropped, 3U);
  EXPECT_EQ(talk.unwritten().size(), 15U);
  talk.wrote(15);
  EXPECT_FALSE(talk.begin_batch(2));
}

TEST_F(ConversationTest, AnEchoOfAnotherLengthHasFailed) {
  offer(2);
  send(1);
  const std::string short_echo = std::string("\0\0\0\x02", 4) + "ab";
  EXPECT_EQ(talk.hear(short_echo, 2).replies, 1U);
  EXPECT_EQ(ledger.failed, 1U);
  EXPECT_EQ(ledger.answered, 0U);
  EXPECT_THAT(ledger.first_failure, testing::HasSubstr("not as long"));
}

TEST_F(ConversationTest, AnAnswerToNothingEndsTheConnection) {
  offer(1);
  const std::string echo = send(1);
  const auto heard = talk.hear(echo + echo, 2);
  EXPECT_EQ(heard.replies, 1U);
  EXPECT_THAT(heard.broken, testing::HasSubstr("more than it was asked"));
}

TEST_F(ConversationTest, AHugeBacklogGoesOutInBoundedBatchesInOrder) {
  LoadPlan plan;
  plan.payload = {4092, 4092};
  stream = make_message_stream(plan);
  Conversation big{make_reply_reader(LoadKind::frames), ledger, {1000, 64 << 20}};
  std::string expected, written;
  const auto same = make_message_stream(plan);
  for (int i = 0; i < 500; ++i) {
    big.offer(*stream, 0);
    same->append_next(expected, 0);
  }
  while (!big.unwritten().empty() || big.begin_batch(1)) {
    EXPECT_LE(ledger.in_flight(), written.size() / 4096 + 64);
    const auto part = big.unwritten().substr(0, 100'000);
    written += part;
    big.wrote(part.size());
  }
  EXPECT_EQ(written, expected);
}

TEST(RedisConversation, AnErrorForAnAnswerHasFailedWithItsText) {
  LoadPlan plan;
  plan.kind = LoadKind::redis;
  Ledger ledger;
  const auto stream = make_message_stream(plan);
  Conversation talk{make_reply_reader(LoadKind::redis), ledger, {}};
  for (int i = 0; i < 3; ++i) talk.offer(*stream, 0);
  talk.begin_batch(1);
  EXPECT_EQ(talk.hear(":1\r\n-OOM not allowed\r\n:0\r\n", 2).replies, 3U);
  EXPECT_EQ(ledger.answered, 2U);
  EXPECT_EQ(ledger.failed, 1U);
  EXPECT_EQ(ledger.first_failure, "OOM not allowed");
}

TEST(RedisConversation, AnErrorThatWasNotAskedForIsTheReasonWhyTheConnectionEnds) {
  Ledger ledger;
  Conversation talk{make_reply_reader(LoadKind::redis), ledger, {}};
  const std::string error = "ERR max number of clients reached, or so it seems";
  const auto heard = talk.hear("-" + error + "\r\n", 1);
  talk.lost(heard.broken);
  EXPECT_EQ(heard.broken, error);
  EXPECT_EQ(heard.replies, 0U);
  EXPECT_EQ(ledger.failed, 0U);
}

}  // namespace
}  // namespace soakline
