#include "loadgen/devices/mqtt_packets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loadgen/seeded.hpp"

namespace soakline {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using What = Heard::What;

std::vector<Heard> all_heard(std::string_view bytes, std::size_t piece = 1'000'000) {
  PacketState state;
  std::vector<Heard> all;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    for (;;) {
      const Heard heard = next_mqtt_packet(part, state);
      if (heard.what == What::more) break;
      all.push_back(heard);
      if (heard.what == What::broken) return all;
    }
  }
  return all;
}

Heard only_heard(std::string_view bytes) {
  const auto all = all_heard(bytes);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? Heard{} : all.front();
}

std::vector<What> kinds(const std::vector<Heard>& all) {
  std::vector<What> kinds;
  for (const Heard& heard : all) kinds.push_back(heard.what);
  return kinds;
}

TEST(MqttPackets, AConnectAsksForACleanSessionOfMqtt311) {
  std::string out;
  append_mqtt_connect(out, "dev7", 30);
  EXPECT_EQ(out, "\x10\x10\0\4MQTT\x04\x02\0\x1e\0\4dev7"s);
}

TEST(MqttPackets, APublishOfQualityOneHasAPacketIdAndOneOfZeroHasNot) {
  std::string out;
  append_mqtt_publish(out, "a/b", "xyz", 0, 0x0102);
  EXPECT_EQ(out, "\x30\x08\0\3a/bxyz"s);
  out.clear();
  append_mqtt_publish(out, "a/b", "xyz", 1, 0x0102);
  EXPECT_EQ(out, "\x32\x0a\0\3a/b\1\2xyz"s);
}

TEST(MqttPackets, ASubscriptionAPingAndAFarewellAreAsTheStandardWritesThem) {
  std::string out;
  append_mqtt_subscribe(out, "a", 9);
  EXPECT_EQ(out, "\x82\x06\0\x09\0\1a\0"s);
  out.clear();
  append_mqtt_pingreq(out);
  append_mqtt_disconnect(out);
  EXPECT_EQ(out, "\xc0\0\xe0\0"s);
}

TEST(MqttPackets, ARemainingLengthTakesSevenBitsAByteTheLowestFirst) {
  const auto header_of = [](std::size_t remaining) {
    std::string out;
    append_mqtt_publish(out, "t", std::string(remaining - 3, 'x'), 0, 0);
    return out.substr(1, out.size() - 1 - remaining);
  };
  EXPECT_EQ(header_of(127), "\x7f");
  EXPECT_EQ(header_of(128), "\x80\x01");
  EXPECT_EQ(header_of(16'383), "\xff\x7f");
  EXPECT_EQ(header_of(16'384), "\x80\x80\x01");
  EXPECT_EQ(header_of(2'097'151), "\xff\xff\x7f");
  EXPECT_EQ(header_of(2'097'152), "\x80\x80\x80\x01");
}

const std::string conversation = "\x20\x02\0\0"s + "\x90\x03\0\1\0"s + "\xd0\0"s + "\x40\x02\x12\x34"s +
                                 "\x31\x83\x01\0\2hi"s + std::string(127, 'x') + "\xd0\0"s;

TEST(MqttPackets, AConversationIsFoundWhereverItIsTorn) {
  const auto expected = ElementsAre(What::welcome, What::subscribed, What::keep_alive_answer,
                                    What::message_answer, What::delivery, What::keep_alive_answer);
  for (std::size_t piece = 1; piece <= conversation.size(); ++piece) {
    const auto all = all_heard(conversation, piece);
    ASSERT_THAT(kinds(all), expected) << "in pieces of " << piece;
    EXPECT_EQ(all[3].packet_id, 0x1234);
    EXPECT_EQ(all[4].bytes, 134U);
  }
}

TEST(MqttPackets, ARefusalSaysWhy) {
  EXPECT_EQ(only_heard("\x20\x02\0\5"s).what, What::refusal);
  EXPECT_THAT(only_heard("\x20\x02\0\2"s).why, HasSubstr("client id"));
  EXPECT_THAT(only_heard("\x20\x02\0\xee"s).why, HasSubstr("does not know"));
  EXPECT_THAT(only_heard("\x90\x03\0\1\x80"s).why, HasSubstr("subscription"));
}

TEST(MqttPackets, WhatNoServerMaySendIsBroken) {
  const std::vector<std::string> wrong = {
      "\x10\x02\0\0"s,              // CONNECT
      "\x21\x02\0\0"s,              // flags of a CONNACK
      "\x20\x03\0\0\0"s,            // a CONNACK too long
      "\x20\x02\1\0"s,              // a session where a clean one was asked for
      "\x40\x01\0"s,                // a PUBACK too short
      "\xd0\x01\0"s,                // a PINGRESP with a body
      "\x90\x04\0\1\0\0"s,          // a SUBACK of two topics
      "\x90\x03\0\1\1"s,            // another quality
      "\x32\x06\0\1a\0\1x"s,        // a PUBLISH of quality 1
      "\x30\x01\0"s,                // a PUBLISH without a topic's length
      "\x30\x04\0\3ab"s,            // a PUBLISH shorter than its topic
      "\x30\x80\x80\x80\x80\x01"s,  // a length of five bytes
      "\xf0\0"s,                    // no type at all
      "HTTP/1.1 400\r\n"s,
  };
  for (const auto& bytes : wrong)
    EXPECT_EQ(kinds(all_heard(bytes)).back(), What::broken) << ::testing::PrintToString(bytes);
}

TEST(MqttPackets, DamagedBytesNeverAskForMoreThanTheLongestBody) {
  Random random = seeded(7, Purpose::messages);
  for (int run = 0; run < 20'000; ++run) {
    std::string bytes = conversation;
    for (int damage = 0; damage < 3; ++damage) bytes[random() % bytes.size()] = static_cast<char>(random());
    PacketState state;
    std::string_view left = bytes;
    Heard heard;
    do {
      heard = next_mqtt_packet(left, state);
      ASSERT_LE(state.left, longest_mqtt_body);
    } while (heard.what != What::more && heard.what != What::broken);
    ASSERT_TRUE(left.empty() || heard.what == What::broken);
  }
}

}  // namespace
}  // namespace soakline
