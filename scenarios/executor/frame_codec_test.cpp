#include "scenarios/executor/frame_codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace executor {
namespace {

std::string frame(std::string_view payload) {
  std::string bytes;
  append_frame(bytes, payload);
  return bytes;
}

std::vector<std::string> take_all(FrameDecoder& decoder) {
  std::vector<std::string> payloads;
  while (const auto payload = decoder.next()) payloads.emplace_back(*payload);
  return payloads;
}

TEST(FrameCodec, WritesTheLengthHighestByteFirst) {
  EXPECT_EQ(frame("abc"), std::string("\0\0\0\3abc", 7));
  EXPECT_EQ(frame(std::string(0x010203, 'x')).substr(0, 4), std::string("\0\1\2\3", 4));
}

TEST(FrameCodec, FindsFramesWhereverTheStreamIsTorn) {
  const std::string stream = frame("one") + frame("") + frame(std::string(300, 'y'));
  const std::vector<std::string> expected = {"one", "", std::string(300, 'y')};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameDecoder decoder(1000);
    std::vector<std::string> found;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      decoder.append(std::string_view(stream).substr(at, piece));
      for (auto& payload : take_all(decoder)) found.push_back(std::move(payload));
    }
    EXPECT_EQ(found, expected) << "in pieces of " << piece;
  }
}

TEST(FrameCodec, TakesAFrameOfTheMaximumAndRefusesOneByteMore) {
  FrameDecoder decoder(8);
  decoder.append(frame("12345678") + frame("123456789"));
  EXPECT_EQ(take_all(decoder), std::vector<std::string>{"12345678"});
  EXPECT_EQ(decoder.refused(), 9U);
}

TEST(FrameCodec, RefusesByTheHeaderAlone) {
  FrameDecoder decoder(8);
  decoder.append(std::string("\xff\xff\xff", 3));
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.refused());
  decoder.append("\xff");
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.refused(), 0xffffffffU);
}

TEST(FrameCodec, ReadsNothingAfterARefusedFrame) {
  FrameDecoder decoder(8);
  decoder.append(frame("123456789"));
  EXPECT_FALSE(decoder.next());
  decoder.append(frame("fine"));
  EXPECT_FALSE(decoder.next());
}

}  // namespace
}  // namespace executor
