#include "loadgen/resp_scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace soakline {
namespace {

// What is found in bytes that come in pieces of a size: "value", "push", "error", "broken".
std::vector<std::string> scan(Resp version, std::string_view bytes, std::size_t piece) {
  RespScanner scanner(version);
  std::vector<std::string> seen;
  std::string window;
  while (!bytes.empty()) {
    window += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    std::size_t at = 0;
    for (;;) {
      const auto found = scanner.next(window, at);
      if (found == RespScanner::Found::more) break;
      if (found == RespScanner::Found::broken) {
        seen.emplace_back("broken");
        return seen;
      }
      seen.emplace_back(found == RespScanner::Found::push ? "push" : scanner.is_error() ? "error" : "value");
    }
    window.erase(0, at);
  }
  if (!window.empty()) seen.emplace_back("rest");
  return seen;
}

// Of the specification, https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
TEST(RespScanner, FindsTheSpecificationsExamplesWhereverTheyAreCut) {
  for (const std::string value : {"$11\r\nhello world\r\n",
                                  "$0\r\n\r\n",
                                  "+hello world\r\n",
                                  ":1234\r\n",
                                  "_\r\n",
                                  ",1.23\r\n",
                                  ",10\r\n",
                                  ",inf\r\n",
                                  ",-inf\r\n",
                                  "#t\r\n",
                                  "#f\r\n",
                                  "=15\r\ntxt:Some string\r\n",
                                  "(3492890328409238509324850943850943825024385\r\n",
                                  "*3\r\n:1\r\n:2\r\n:3\r\n",
                                  "*2\r\n*3\r\n:1\r\n$5\r\nhello\r\n:2\r\n#f\r\n",
                                  "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
                                  "~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n",
                                  "|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0."
                                  "0012\r\n*2\r\n:2039123\r\n:9543892\r\n",
                                  "*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n",
                                  "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n",
                                  "*?\r\n:1\r\n:2\r\n:3\r\n.\r\n",
                                  "%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n",
                                  "*-1\r\n",
                                  "$-1\r\n"})
    for (std::size_t piece = 1; piece <= value.size(); ++piece)
      EXPECT_THAT(scan(Resp::v3, value + value, piece), testing::ElementsAre("value", "value"))
          << value << " in pieces of " << piece;
  for (const std::string error :
       {"-ERR this is the error description\r\n", "!21\r\nSYNTAX invalid syntax\r\n"})
    EXPECT_THAT(scan(Resp::v3, error, 3), testing::ElementsAre("error"));
  EXPECT_THAT(
      scan(Resp::v3,
           ">4\r\n+pubsub\r\n+message\r\n+somechannel\r\n+this is the message\r\n$9\r\nGet-Reply\r\n", 4),
      testing::ElementsAre("push", "value"));
}

TEST(RespScanner, RefusesInVersion2WhatOnlyVersion3Has) {
  for (const std::string value :
       {"_\r\n", "#t\r\n", ",1\r\n", "(1\r\n", "%0\r\n", "~0\r\n", ">1\r\n:1\r\n", "|0\r\n",
        "=15\r\ntxt:Some string\r\n", "!3\r\nabc\r\n", "$?\r\n", "*?\r\n", ".\r\n"})
    EXPECT_THAT(scan(Resp::v2, value, 100), testing::ElementsAre("broken")) << value;
}

TEST(RespScanner, RefusesWhatIsNotRespInsteadOfWaitingForMore) {
  for (const std::string value :
       {"HTTP/1.1 400\r\n", "\r\n", "$x\r\n", "$-2\r\n", "*-7\r\n", ":\r\n", ":01\r\n", ":-0\r\n", ":+1\r\n",
        ":9223372036854775808\r\n", "$2\r\nabcd", "*2147483648\r\n", ">?\r\n", ";1\r\na\r\n", "$?\r\n+x\r\n",
        "#x\r\n", "%-1\r\n", "!-1\r\n"})
    EXPECT_THAT(scan(Resp::v3, value, 100), testing::ElementsAre("broken")) << value;
  EXPECT_THAT(scan(Resp::v3, "HTTP", 1), testing::ElementsAre("broken")) << "whose line never ends";
  EXPECT_THAT(scan(Resp::v2, "+" + std::string(100'000, 'a'), 200'000), testing::ElementsAre("broken"));
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "*1\r\n";
  EXPECT_THAT(scan(Resp::v2, nested, 1000), testing::ElementsAre("broken"));
}

}  // namespace
}  // namespace soakline
