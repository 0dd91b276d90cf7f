#include "loadgen/http_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace soakline {
namespace {

using ::testing::ElementsAre;

// Each answer as its status, with "close" where the connection ends; "broken" at the end where it is.
std::vector<std::string> read(std::string_view bytes, std::size_t piece, bool to_head = false) {
  HttpReader reader;
  reader.expect(to_head);
  std::vector<std::string> seen;
  const auto see = [&](const HttpAnswer& answer) {
    seen.push_back(std::to_string(answer.status) + (answer.closes ? " close" : ""));
    reader.expect(to_head);
  };
  HttpAnswer answer;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    Parsed parsed = Parsed::more;
    while ((parsed = reader.next(part, answer)) == Parsed::reply) see(answer);
    if (parsed == Parsed::broken) return seen.emplace_back("broken"), seen;
    EXPECT_TRUE(part.empty());
  }
  if (reader.end(answer) == Parsed::reply) see(answer);
  if (reader.begun()) seen.emplace_back("cut");
  return seen;
}

TEST(HttpReader, FindsAnswersWhereverTheBytesAreCut) {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab\r\nc"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1f\r\n" +
      std::string(31, 'z') +
      "\r\n0\r\nTrailer: t\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 900\r\n\r\n"
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
      "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_THAT(read(bytes, piece), ElementsAre("200", "200", "204", "304", "404 close", "200 close", "200"))
        << piece;
}

TEST(HttpReader, PassesOverWhatIsSaidBeforeTheAnswer) {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_THAT(read(bytes, piece), ElementsAre("201")) << piece;
}

TEST(HttpReader, TheAnswerToAHeadHasNoBody) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 7000\r\n\r\n";
  EXPECT_THAT(read(bytes + bytes, 50, true), ElementsAre("200", "200"));
  EXPECT_THAT(read(bytes, 50), ElementsAre("cut"));
}

TEST(HttpReader, WithoutALengthTheAnswerGoesOnUntilTheConnectionEnds) {
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\n\r\nall the rest", 7), ElementsAre("200 close"));
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", 7), ElementsAre("cut"));
}

TEST(HttpReader, BodiesAreNotKept) {
  HttpReader reader;
  HttpAnswer answer;
  std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 20000000000\r\n\r\n";
  EXPECT_EQ(reader.next(head, answer), Parsed::more);
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 20'000'000'000 >> 20; ++i) {
    std::string_view bytes = piece;
    ASSERT_EQ(reader.next(bytes, answer), Parsed::more);
  }
}

TEST(HttpReader, WhatIsNoHttpIsBrokenAndNotWaitedFor) {
  for (const char* bytes :
       {"+OK\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"})
    EXPECT_THAT(read(bytes, 1000), ElementsAre("broken")) << bytes;
  EXPECT_THAT(read("HTTP/1.1 200 OK\r\nA: " + std::string(1 << 20, 'a'), 5000), ElementsAre("broken"));
  EXPECT_THAT(
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(1 << 20, 'a'), 5000),
      ElementsAre("broken"));
}

}  // namespace
}  // namespace soakline
