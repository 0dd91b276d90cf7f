#include "loadgen/subscription.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "loadgen/stamp.hpp"

namespace soakline {
namespace {

std::string payload(std::uint64_t sequence) {
  std::string bytes(64, 'x');
  write_stamp({0, sequence, 0}, bytes.data(), crc_of_filler(bytes));
  return bytes;
}

std::string message(char type, std::string_view channel, std::string_view content) {
  return fmt::format("{}3\r\n$7\r\nmessage\r\n${}\r\n{}\r\n${}\r\n{}\r\n", type, channel.size(), channel,
                     content.size(), content);
}

TEST(Subscription, FindsItsMessagesWhereverTheyAreCut) {
  for (const auto& [version, type] : {std::pair{Resp::v2, '*'}, {Resp::v3, '>'}}) {
    std::string bytes;
    for (std::uint64_t sequence = 0; sequence < 3; ++sequence)
      bytes += message(type, "orders", payload(sequence));
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      Deliveries deliveries(1, 1);
      for (std::uint64_t sequence = 0; sequence < 3; ++sequence) deliveries.published(0, sequence);
      Subscription subscription("orders", version, deliveries, 0);
      std::size_t heard = 0;
      for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto result = subscription.hear(std::string_view(bytes).substr(at, piece), 1);
        ASSERT_EQ(result.broken, "");
        heard += result.replies;
      }
      EXPECT_EQ(heard, 3U) << "the run is told";
      EXPECT_EQ(deliveries.account().delivered, 3U) << piece;
      EXPECT_EQ(deliveries.account().corrupted, 0U) << piece;
    }
  }
}

TEST(Subscription, WhatIsNoMessageOfItsChannelIsDamageAndWhatIsNoRespEndsIt) {
  Deliveries deliveries(1, 1);
  Subscription subscription("orders", Resp::v2, deliveries, 0);
  EXPECT_EQ(subscription.hear(message('*', "ordfrs", payload(0)), 1).broken, "");
  EXPECT_EQ(deliveries.account().corrupted, 1U);
  EXPECT_NE(subscription.hear("*3\r\n$7\r\nmessage\r\n$6\r\norders\r\n$x\r\n", 1).broken, "");
  EXPECT_EQ(deliveries.account().corrupted, 2U);
}

TEST(Subscription, HalfAMessageIsForgottenWithItsConnection) {
  Deliveries deliveries(1, 1);
  deliveries.published(0, 0);
  Subscription subscription("orders", Resp::v2, deliveries, 0);
  subscription.hear(message('*', "orders", payload(0)).substr(0, 70), 1);
  subscription.lost("gone");
  subscription.hear(message('*', "orders", payload(0)), 1);
  EXPECT_EQ(deliveries.account().delivered, 1U);
}

}  // namespace
}  // namespace soakline
