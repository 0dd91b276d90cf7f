#include "loadgen/wire/message_edit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace soakline {
namespace {

std::string push(const std::string& payload) {
  return "*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$" + std::to_string(payload.size()) + "\r\n" + payload +
         "\r\n";
}
const std::string pong = "+PONG\r\n";
const std::string subscribed = "*3\r\n$9\r\nsubscribe\r\n$6\r\norders\r\n:1\r\n";

std::string frame(const std::string& payload) {
  return std::string{0, 0, 0, static_cast<char>(payload.size())} + payload;
}

std::string passed(LoadKind kind, Edit edit, double share, const std::string& bytes, std::size_t cut) {
  MessageEdit messages(kind, 7);
  messages.begin(edit, share);
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += cut)
    result += messages.pass(std::string_view(bytes).substr(at, cut));
  return result;
}

TEST(MessageEdit, LosesOrDoublesPushesAndLeavesRepliesAlone) {
  const std::string stream = pong + push("one") + subscribed + push("two\r\n*3") + pong;
  for (const std::size_t cut : {1U, 7U, 1000U}) {
    EXPECT_EQ(passed(LoadKind::redis, Edit::lose, 1, stream, cut), pong + subscribed + pong);
    EXPECT_EQ(passed(LoadKind::redis, Edit::duplicate, 1, stream, cut),
              pong + push("one") + push("one") + subscribed + push("two\r\n*3") + push("two\r\n*3") + pong);
    EXPECT_EQ(passed(LoadKind::redis, Edit::none, 1, stream, cut), stream);
  }
}

TEST(MessageEdit, KnowsPatternMessages) {
  const std::string by_pattern = "*4\r\n$8\r\npmessage\r\n$2\r\no*\r\n$6\r\norders\r\n$2\r\nhi\r\n";
  EXPECT_EQ(passed(LoadKind::redis, Edit::lose, 1, by_pattern, 3), "");
}

TEST(MessageEdit, CorruptsOneBitOfThePayloadAndNothingElse) {
  for (const auto& [kind, text] :
       {std::pair{LoadKind::redis, push("payload")}, std::pair{LoadKind::frames, frame("payload")}}) {
    const std::string corrupt = passed(kind, Edit::corrupt, 1, text, 5);
    ASSERT_EQ(corrupt.size(), text.size());
    const auto at = std::mismatch(text.begin(), text.end(), corrupt.begin());
    ASSERT_NE(at.first, text.end());
    EXPECT_EQ(__builtin_popcount(static_cast<unsigned char>(*at.first ^ *at.second)), 1);
    EXPECT_GE(at.first - text.begin(), static_cast<std::ptrdiff_t>(text.find("payload")));
    EXPECT_LT(at.first - text.begin(), static_cast<std::ptrdiff_t>(text.find("payload") + 7));
    EXPECT_TRUE(std::equal(at.first + 1, text.end(), at.second + 1));
  }
}

TEST(MessageEdit, EditsTheShareThatWasAskedForBySeed) {
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += frame("payload");
  const std::string left = passed(LoadKind::frames, Edit::lose, 0.2, stream, 4096);
  EXPECT_NEAR(static_cast<double>(left.size()) / static_cast<double>(stream.size()), 0.8, 0.04);
  EXPECT_EQ(passed(LoadKind::frames, Edit::lose, 0.2, stream, 13), left) << "wherever it is cut";
}

TEST(MessageEdit, BeginsAndEndsBetweenTwoMessages) {
  MessageEdit messages(LoadKind::frames, 7);
  const std::string one = frame("one"), two = frame("two");
  std::string passed = messages.pass(one.substr(0, 5));
  messages.begin(Edit::lose, 1);
  passed += messages.pass(one.substr(5) + two.substr(0, 3));
  EXPECT_EQ(passed, one) << "its first bytes had gone";
  messages.end();
  passed += messages.pass(two.substr(3));
  EXPECT_EQ(passed, one + two);
  EXPECT_EQ(messages.edited(), 0U);
}

TEST(MessageEdit, LetsThroughWhatItDoesNotUnderstand) {
  const std::string html = "HTTP/1.1 200 OK\r\n\r\n<html>";
  EXPECT_EQ(passed(LoadKind::redis, Edit::lose, 1, html + push("one"), 4), html + push("one"));
}

}  // namespace
}  // namespace soakline
