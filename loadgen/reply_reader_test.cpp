#include "loadgen/reply_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace soakline {
namespace {

using ::testing::ElementsAre;

// Each answer as "ok", "echo PAYLOAD" or its error; "broken" at the end where it is.
std::vector<std::string> read(LoadKind kind, std::string_view bytes, std::size_t piece) {
  LoadPlan plan;
  plan.kind = kind;
  const auto reader = make_reply_reader(plan);
  std::vector<std::string> seen;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    Reply reply;
    Parsed parsed = Parsed::more;
    while ((parsed = reader->next(part, reply)) == Parsed::reply)
      seen.push_back(!reply.error.empty() ? std::string(reply.error)
                     : reply.echo.data()  ? "echo " + std::string(reply.echo)
                                          : "ok");
    if (parsed == Parsed::broken) {
      seen.emplace_back("broken");
      break;
    }
    EXPECT_TRUE(part.empty());
  }
  return seen;
}

TEST(RedisReplies, AreFoundWhereverTheBytesAreCut) {
  const std::string bytes =
      "+OK\r\n:12\r\n-ERR no such thing\r\n$5\r\nab\r\nc\r\n$-1\r\n$0\r\n\r\n*-1\r\n*0\r\n"
      "*3\r\n:1\r\n*2\r\n$3\r\n-a\n\r\n+x\r\n-inner\r\n+PONG\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_THAT(read(LoadKind::redis, bytes, piece),
                ElementsAre("ok", "ok", "ERR no such thing", "ok", "ok", "ok", "ok", "ok", "ok", "ok"))
        << piece;
}

TEST(RedisReplies, WhatIsNotRespIsBrokenAndNotWaitedFor) {
  for (const char* bytes : {"HTTP/1.1 400\r\n", "\r\n", "$x\r\n", "$-2\r\n", "*-7\r\n", ":\r\n",
                            "$99999999999\r\n", "*9999999999999\r\n", "*18446744073709551617\r\n"})
    EXPECT_THAT(read(LoadKind::redis, bytes, 100), ElementsAre("broken")) << bytes;
  EXPECT_THAT(read(LoadKind::redis, "+" + std::string(100'000, 'a'), 1000), ElementsAre("broken"));
}

TEST(FrameReplies, AreFoundWhereverTheBytesAreCut) {
  const std::string bytes = std::string("\0\0\0\x03", 4) + "abc" + std::string(4, '\0') +
                            std::string("\0\0\x01\x2c", 4) + std::string(300, 'x');
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_THAT(read(LoadKind::frames, bytes, piece),
                ElementsAre("echo abc", "echo ", "echo " + std::string(300, 'x')))
        << piece;
}

TEST(FrameReplies, ALengthThatWasNeverSentIsBroken) {
  EXPECT_THAT(read(LoadKind::frames, "HTTP/1.1 400", 100), ElementsAre("broken"));
}

}  // namespace
}  // namespace soakline
