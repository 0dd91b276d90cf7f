#include "loadgen/deliveries.hpp"

#include <gtest/gtest.h>

#include <string>

#include "loadgen/stamp.hpp"

namespace soakline {
namespace {

// Two publishers and two subscribers that are subscribed.
class DeliveriesTest : public testing::Test {
 protected:
  DeliveriesTest() {
    for (std::size_t s = 0; s < 2; ++s) deliveries.subscribed(s);
  }
  void publish(std::size_t publisher, std::uint64_t from, std::uint64_t until) {
    for (std::uint64_t sequence = from; sequence < until; ++sequence)
      deliveries.published(publisher, sequence);
  }
  void arrive(std::size_t subscriber, std::uint16_t publisher, std::uint64_t sequence) {
    std::string payload(64, 'x');
    write_stamp({publisher, sequence, 100}, payload.data(), crc_of_filler(payload));
    deliveries.arrived(subscriber, payload, 350);
  }
  Deliveries::Account account() {
    const auto account = deliveries.account();
    return account;
  }

  Deliveries deliveries{2, 2};
};

TEST_F(DeliveriesTest, EveryoneWhoIsSubscribedGetsEverything) {
  publish(0, 0, 3);
  publish(1, 0, 1);
  for (std::size_t s = 0; s < 2; ++s) {
    for (std::uint64_t sequence = 0; sequence < 3; ++sequence) arrive(s, 0, sequence);
    arrive(s, 1, 0);
  }
  EXPECT_EQ(account().published, 4U);
  EXPECT_EQ(account().delivered, 8U);
  EXPECT_EQ(account().lost + account().explained + account().duplicated + account().reordered, 0U);
  EXPECT_EQ(deliveries.from_intended().max_ns(), 250);
}

TEST_F(DeliveriesTest, AGapIsLostAndSoIsWhatNeverCameAtTheEnd) {
  publish(0, 0, 10);
  arrive(0, 0, 0);
  arrive(0, 0, 4);
  for (std::uint64_t sequence = 0; sequence < 10; ++sequence) arrive(1, 0, sequence);
  EXPECT_EQ(account().lost, 3U + 5U);
  EXPECT_EQ(account().delivered, 12U);
}

TEST_F(DeliveriesTest, WhatComesLateClosesItsGapAndIsAReordering) {
  publish(0, 0, 4);
  for (const std::uint64_t sequence : {3, 1, 0, 2}) arrive(0, 0, sequence);
  for (const std::uint64_t sequence : {0, 1, 2, 3}) arrive(1, 0, sequence);
  EXPECT_EQ(account().lost, 0U);
  EXPECT_EQ(account().reordered, 3U);
  EXPECT_EQ(account().duplicated, 0U);
}

TEST_F(DeliveriesTest, WhatComesTwiceIsADuplicateHoweverItWasReceivedFirst) {
  publish(0, 0, 4);
  for (const std::uint64_t sequence : {0, 0, 3, 1, 1, 2, 2, 3}) arrive(0, 0, sequence);
  EXPECT_EQ(account().duplicated, 4U);
  EXPECT_EQ(account().delivered, 4U);
}

TEST_F(DeliveriesTest, WhatASubscriberMissedWhileItWasAwayIsExplained) {
  publish(0, 0, 5);
  for (std::size_t s = 0; s < 2; ++s) arrive(s, 0, 0);
  deliveries.unsubscribed(0);
  publish(0, 5, 8);
  for (std::uint64_t sequence = 1; sequence < 8; ++sequence) arrive(1, 0, sequence);
  EXPECT_EQ(account().explained, 7U) << "also while it is still away";
  deliveries.subscribed(0);
  publish(0, 8, 10);
  arrive(0, 0, 9);
  for (const std::uint64_t sequence : {8, 9}) arrive(1, 0, sequence);
  EXPECT_EQ(account().explained, 7U);
  EXPECT_EQ(account().lost, 1U) << "8 was published after the subscription was confirmed";
}

TEST_F(DeliveriesTest, AMessageOnItsWayWhileASubscriptionBeginsMayComeOrNot) {
  deliveries.unsubscribed(0);
  publish(0, 0, 3);
  deliveries.subscribed(0);
  arrive(0, 0, 2);
  EXPECT_EQ(account().reordered, 0U);
  EXPECT_EQ(account().duplicated, 0U);
  EXPECT_EQ(account().delivered, 1U);
  EXPECT_EQ(account().explained, 2U);
}

TEST_F(DeliveriesTest, WhatThePublisherIsNotSureOfMayComeOrNot) {
  publish(0, 0, 6);
  deliveries.not_published(0, 2, 4);
  for (const std::uint64_t sequence : {0, 1, 3, 5}) arrive(0, 0, sequence);
  for (const std::uint64_t sequence : {0, 1, 4, 5}) arrive(1, 0, sequence);
  EXPECT_EQ(account().explained, 1U + 2U);
  EXPECT_EQ(account().lost, 1U) << "only 4 of the first subscriber";
}

TEST_F(DeliveriesTest, WhatIsDamagedOrOfNobodyIsCorruptedAndItsMessageIsLost) {
  publish(0, 0, 2);
  std::string payload(64, 'x');
  write_stamp({0, 0, 0}, payload.data(), crc_of_filler(payload));
  payload[50] ^= 1;
  deliveries.arrived(0, payload, 1);
  arrive(0, 0, 1);
  arrive(0, 7, 0);
  arrive(0, 0, 99);
  deliveries.arrived(0, "short", 1);
  for (const std::uint64_t sequence : {0, 1}) arrive(1, 0, sequence);
  EXPECT_EQ(account().corrupted, 4U);
  EXPECT_EQ(account().lost, 1U);
}

}  // namespace
}  // namespace soakline
