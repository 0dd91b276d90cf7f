#include "loadgen/conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace soakline {
namespace {

class ConversationTest : public testing::Test {
 protected:
  static LoadPlan ten_byte_frames() {
    LoadPlan plan;
    plan.payload = {6, 6};  // too short for a stamp: only numbered
    return plan;
  }

  void offer(int count, std::int64_t intended_ns = 0) {
    for (int i = 0; i < count; ++i) talk.offer(*stream, intended_ns);
  }
  // What goes out in one batch, all of it written.
  std::string send(std::int64_t now_ns) {
    std::string bytes(talk.to_write(now_ns));
    talk.wrote(bytes.size());
    return bytes;
  }

  Ledger ledger;
  std::unique_ptr<MessageStream> stream = make_message_stream(ten_byte_frames());
  Conversation talk{make_reply_reader({}), ledger, {5, 1 << 20}};
};

TEST_F(ConversationTest, AllThatWaitsGoesOutInOneBatch) {
  offer(3);
  EXPECT_EQ(send(10).size(), 30U);
  EXPECT_EQ(ledger.sent, 3U);
  EXPECT_TRUE(talk.to_write(20).empty());
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
  const std::string first(talk.to_write(1));
  talk.wrote(7);
  offer(1);
  EXPECT_EQ(talk.to_write(1), first.substr(7));
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
  for (int i = 0; i < 8; ++i) all_sent->append_next(bytes, {0, static_cast<std::uint64_t>(i), 0});
  EXPECT_GT(ledger.dropped, 0U);
  EXPECT_EQ(stream->hash(), all_sent->hash());
}

TEST_F(ConversationTest, ALostConnectionFailsWhatWasSentAndKeepsWhatWaits) {
  offer(2);
  ASSERT_FALSE(talk.to_write(1).empty());
  talk.wrote(3);
  offer(1);
  talk.lost("gone");
  EXPECT_EQ(ledger.failed, 2U);
  EXPECT_EQ(ledger.first_failure, "gone");
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
  ASSERT_FALSE(talk.to_write(1).empty());
  talk.wrote(5);
  offer(3);
  talk.drop_waiting();
  EXPECT_EQ(ledger.dropped, 3U);
  EXPECT_EQ(talk.to_write(2).size(), 15U);
  talk.wrote(15);
  EXPECT_TRUE(talk.to_write(2).empty());
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
  Conversation big{make_reply_reader({}), ledger, {1000, 64 << 20}};
  std::string expected, written;
  const auto same = make_message_stream(plan);
  for (int i = 0; i < 500; ++i) {
    big.offer(*stream, 0);
    same->append_next(expected, {0, static_cast<std::uint64_t>(i), 0});
  }
  for (std::string_view part; !(part = big.to_write(1).substr(0, 100'000)).empty(); big.wrote(part.size())) {
    EXPECT_LE(ledger.in_flight(), written.size() / 4096 + 64);
    written += part;
  }
  EXPECT_EQ(written, expected);
}

// Frames that are stamped: the echo says which message it is of.
class StampedConversationTest : public testing::Test {
 protected:
  // Sends messages and returns each as it went out.
  std::vector<std::string> send(int count) {
    std::vector<std::string> frames;
    for (int i = 0; i < count; ++i) {
      talk.offer(*stream, 0);
      frames.emplace_back(talk.to_write(1));
      talk.wrote(frames.back().size());
    }
    return frames;
  }
  void hear(const std::string& bytes) { EXPECT_EQ(talk.hear(bytes, 2).broken, ""); }

  Ledger ledger;
  std::unique_ptr<MessageStream> stream = make_message_stream({});
  Conversation talk{make_reply_reader({}), ledger, {}};
};

TEST_F(StampedConversationTest, AnEchoThatNeverComesIsLostAsSoonAsALaterOneDoes) {
  const auto frames = send(3);
  hear(frames[0] + frames[2]);
  EXPECT_EQ(ledger.answered, 2U);
  EXPECT_EQ(ledger.lost, 1U);
  EXPECT_EQ(ledger.in_flight(), 0U);
  EXPECT_EQ(ledger.unexplained(), 1U);
}

TEST_F(StampedConversationTest, AnEchoThatComesAgainSettlesNothing) {
  const auto frames = send(2);
  hear(frames[0] + frames[0]);
  EXPECT_EQ(ledger.answered, 1U);
  EXPECT_EQ(ledger.duplicated, 1U);
  hear(frames[1]);
  EXPECT_EQ(ledger.answered, 2U);
  hear(frames[1]);
  EXPECT_EQ(ledger.duplicated, 2U) << "also when nothing is in flight";
}

TEST_F(StampedConversationTest, AnEchoWithAnyBitTurnedIsDamaged) {
  std::uint64_t damaged = 0;
  for (std::size_t bit = 0; bit < 8 * 64; ++bit) {
    std::string frame = send(1).front();
    frame[4 + bit / 8] = static_cast<char>(frame[4 + bit / 8] ^ 1 << bit % 8);
    hear(frame);
    EXPECT_EQ(ledger.corrupted, ++damaged) << bit;
  }
  EXPECT_EQ(ledger.answered, 0U);
  EXPECT_EQ(ledger.failed, damaged);
}

TEST(LargeConversation, GivesBackTheMemoryOfABacklogThatIsGoneButNotWhatItUses) {
  Ledger ledger;
  const auto stream = make_message_stream({});
  Conversation talk{make_reply_reader({}), ledger, {}};
  for (int i = 0; i < 100'000; ++i) talk.offer(*stream, 0);
  const std::size_t full = talk.bytes_held();
  std::string echo;
  for (std::string_view part; !(part = talk.to_write(1)).empty(); talk.wrote(part.size())) echo += part;
  EXPECT_EQ(talk.give_back(), 0U) << "it was all needed just now";
  talk.hear(echo, 2);
  talk.offer(*stream, 0);
  EXPECT_GT(talk.give_back(), full * 9 / 10);
  const std::string last(talk.to_write(3));
  talk.wrote(last.size());
  talk.hear(last, 4);
  EXPECT_EQ(ledger.answered, 100'001U);
}

TEST(RedisConversation, AnErrorForAnAnswerHasFailedWithItsText) {
  LoadPlan plan;
  plan.kind = LoadKind::redis;
  Ledger ledger;
  const auto stream = make_message_stream(plan);
  Conversation talk{make_reply_reader(plan), ledger, {}};
  for (int i = 0; i < 3; ++i) talk.offer(*stream, 0);
  talk.to_write(1);
  EXPECT_EQ(talk.hear(":1\r\n-OOM not allowed\r\n:0\r\n", 2).replies, 3U);
  EXPECT_EQ(ledger.answered, 2U);
  EXPECT_EQ(ledger.failed, 1U);
  EXPECT_EQ(ledger.first_failure, "OOM not allowed");
}

TEST(RedisConversation, AnErrorThatWasNotAskedForIsTheReasonWhyTheConnectionEnds) {
  LoadPlan plan;
  plan.kind = LoadKind::redis;
  Ledger ledger;
  Conversation talk{make_reply_reader(plan), ledger, {}};
  const std::string error = "ERR max number of clients reached, or so it seems";
  const auto heard = talk.hear("-" + error + "\r\n", 1);
  talk.lost(heard.broken);
  EXPECT_EQ(heard.broken, error);
  EXPECT_EQ(heard.replies, 0U);
  EXPECT_EQ(ledger.failed, 0U);
}

}  // namespace
}  // namespace soakline
