#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iomanip>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "loadgen/message_stream.hpp"
#include "loadgen/redis_command.hpp"

namespace soakline {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

LoadPlan redis_plan(std::string command, ByteRange payload = {20, 20}) {
  LoadPlan plan;
  plan.kind = LoadKind::redis;
  plan.redis.commands = {{1, std::move(command)}};
  plan.payload = payload;
  return plan;
}

std::string next_of(MessageStream& stream, std::int64_t intended_ns = 0, std::uint64_t sequence = 0) {
  std::string message;
  stream.append_next(message, {0, sequence, intended_ns});
  return message;
}

std::string hash_of(const LoadPlan& plan, std::int64_t last_intended_ns = 2) {
  const auto stream = make_message_stream(plan);
  next_of(*stream, 1);
  next_of(*stream, last_intended_ns);
  return stream->hash();
}

TEST(RedisMessages, AreArraysOfBulkStringsWithANumberedPayload) {
  const auto stream = make_message_stream(redis_plan("PUBLISH orders {payload}"));
  const std::string head = "*3\r\n$7\r\nPUBLISH\r\n$6\r\norders\r\n$20\r\n";
  EXPECT_THAT(next_of(*stream), AllOf(testing::StartsWith(head + "000000000000"), testing::EndsWith("\r\n")));
  const std::string second = next_of(*stream, 0, 0x1f);
  EXPECT_EQ(second.substr(0, head.size() + 12), head + "00000000001f");
  EXPECT_EQ(second.size(), head.size() + 22);
}

TEST(RedisMessages, APayloadWithRoomForItIsStamped) {
  const auto stream = make_message_stream(redis_plan("PUBLISH orders {payload}", {64, 64}));
  std::string message;
  stream->append_next(message, {3, 77, 123'456'789});
  const auto stamp = read_stamp(message.substr(message.size() - 66, 64));
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->publisher, 3);
  EXPECT_EQ(stamp->sequence, 77U);
  EXPECT_EQ(stamp->intended_ns, 123'456'789);
}

TEST(RedisMessages, PlaceholdersStandInsideWordsAndBracesAreDoubled) {
  const auto stream = make_message_stream(redis_plan("SET k:{uniform:3}:x {{{payload}}}", {2, 2}));
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(next_of(*stream).substr(0, 28));
  EXPECT_THAT(seen, testing::ElementsAre("*3\r\n$3\r\nSET\r\n$5\r\nk:0:x\r\n$4\r\n",
                                         "*3\r\n$3\r\nSET\r\n$5\r\nk:1:x\r\n$4\r\n",
                                         "*3\r\n$3\r\nSET\r\n$5\r\nk:2:x\r\n$4\r\n"));
  EXPECT_THAT(next_of(*stream, 0, 0x64), testing::EndsWith("$4\r\n{64}\r\n"));
}

TEST(RedisMessages, AMixIsSentByItsWeights) {
  LoadPlan plan = redis_plan("");
  plan.redis.commands = {{3, "GET a"}, {1, "PING"}};
  const auto stream = make_message_stream(plan);
  int pings = 0;
  for (int i = 0; i < 4000; ++i) pings += next_of(*stream) == "*1\r\n$4\r\nPING\r\n";
  EXPECT_NEAR(pings, 1000, 110);  // four standard deviations
}

TEST(RedisMessages, ACommandWithoutPlaceholdersIsAlwaysTheSame) {
  const auto stream = make_message_stream(redis_plan(" PING  "));
  EXPECT_EQ(next_of(*stream), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(next_of(*stream), "*1\r\n$4\r\nPING\r\n");
}

TEST(RedisMessages, ACommandThatCannotBeUsedIsRefusedWithAFix) {
  const auto refusal = [](std::string command) -> std::string {
    try {
      make_message_stream(redis_plan(std::move(command)));
      return "accepted";
    } catch (const TemplateError& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal("SET a {nonsense}"), AllOf(HasSubstr("{nonsense}"), HasSubstr("{uniform:N}")));
  EXPECT_THAT(refusal("SET a {zipf:0}"), HasSubstr("above zero"));
  EXPECT_THAT(refusal("SET a {uniform:0}"), HasSubstr("above zero"));
  EXPECT_THAT(refusal("SET a {uniform:9x}"), HasSubstr("above zero"));
  EXPECT_THAT(refusal("SET a {payload"), HasSubstr("does not close"));
  EXPECT_THAT(refusal(" "), HasSubstr("no command"));
  EXPECT_THAT(refusal("subscribe orders"), HasSubstr("not answered exactly once"));
}

TEST(FrameMessages, BeginWithTheirLengthHighestByteFirst) {
  LoadPlan plan;
  plan.payload = {300, 300};
  const std::string message = next_of(*make_message_stream(plan));
  EXPECT_EQ(message.substr(0, 4), std::string("\0\0\x01\x2c", 4));
  EXPECT_EQ(message.size(), 304U);
  EXPECT_TRUE(read_stamp(message.substr(4)));
}

TEST(FrameMessages, WithoutRoomForAStampAreNumberedInHexadecimal) {
  LoadPlan plan;
  plan.payload = {4, 4};
  const auto stream = make_message_stream(plan);
  EXPECT_EQ(next_of(*stream, 0, 0x10a).substr(4), "010a");
  EXPECT_EQ(next_of(*stream, 0, 0x10'0010a).substr(4), "010a");
}

TEST(FrameMessages, SizesCoverTheirRangeFromTheLeastToTheMost) {
  LoadPlan plan;
  plan.payload = {0, 20};
  const auto stream = make_message_stream(plan);
  std::set<std::size_t> sizes;
  for (int i = 0; i < 2000; ++i) sizes.insert(next_of(*stream).size() - 4);
  EXPECT_EQ(sizes.size(), 21U);
  EXPECT_EQ(*sizes.begin(), 0U);
  EXPECT_EQ(*sizes.rbegin(), 20U);
}

TEST(StreamHash, IsTheSameForTheSameSeedAndTellsAllElseApart) {
  const LoadPlan plan = redis_plan("SET key:{uniform:100} {payload}", {64, 512});
  EXPECT_EQ(hash_of(plan), hash_of(plan));
  LoadPlan other = plan;
  other.seed = 8;
  EXPECT_NE(hash_of(plan), hash_of(other));
  other = plan;
  other.kind = LoadKind::frames;
  EXPECT_NE(hash_of(plan), hash_of(other));
  EXPECT_NE(hash_of(plan, 2), hash_of(plan, 3)) << "the intended time counts";
}

TEST(StreamHash, SeesEveryByteAndWhereAMessageEnds) {
  const std::string message(77, 'a');
  const auto hash = [](const std::vector<std::string>& messages) {
    StreamHash stream;
    for (const auto& each : messages) stream.add(each, 0);
    return stream.text();
  };
  std::set<std::string> seen = {hash({message}), hash({message.substr(0, 40), message.substr(40)}),
                                hash({message + std::string(1, '\0')})};
  for (std::size_t i = 0; i < message.size(); ++i) {
    std::string changed = message;
    changed[i] ^= 1;
    seen.insert(hash({changed}));
  }
  EXPECT_EQ(seen.size(), message.size() + 3);
}

TEST(StreamHash, HasAValueThatNoMachineChanges) {
  LoadPlan plan = redis_plan("SET key:{uniform:100000} {payload}", {64, 512});
  EXPECT_EQ(hash_of(plan), "f54187636d9c788a");
}

}  // namespace
}  // namespace soakline
