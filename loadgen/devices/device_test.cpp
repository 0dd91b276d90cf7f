#include "loadgen/devices/device.hpp"

#include <gtest/gtest.h>

namespace soakline {
namespace {

using What = Heard::What;
using Step = Device::Step;
using State = Device::State;

Device greeted() {
  Device device;
  device.queued();
  device.begin_connecting();
  device.socket_connected();
  return device;
}

Device up() {
  Device device = greeted();
  device.heard(What::welcome, false);
  return device;
}

TEST(Device, IsUpOnceTheServerHasAnsweredItsGreeting) {
  Device device;
  device.queued();
  EXPECT_FALSE(device.is_connecting());
  device.begin_connecting();
  EXPECT_TRUE(device.is_connecting());
  EXPECT_EQ(device.socket_connected(), Step::greet);
  EXPECT_FALSE(device.is_up());
  EXPECT_EQ(device.heard(What::welcome, false), Step::come_up);
  EXPECT_TRUE(device.is_up());
  EXPECT_FALSE(device.is_connecting());
}

TEST(Device, ASubscriberIsUpOnceItsSubscriptionIsConfirmedAndMayBeDeliveredToBefore) {
  Device device = greeted();
  EXPECT_EQ(device.heard(What::welcome, true), Step::subscribe);
  EXPECT_TRUE(device.is_connecting());
  EXPECT_EQ(device.heard(What::delivery, true), Step::count_delivery);
  EXPECT_EQ(device.heard(What::subscribed, true), Step::come_up);
}

TEST(Device, WhatIsNotToBeExpectedNowBreaksTheConnection) {
  EXPECT_EQ(greeted().heard(What::message_answer, false), Step::give_up_broken);
  EXPECT_EQ(greeted().heard(What::keep_alive_answer, false), Step::give_up_broken);
  EXPECT_EQ(greeted().heard(What::subscribed, false), Step::give_up_broken);
  EXPECT_EQ(up().heard(What::welcome, false), Step::give_up_broken);
  EXPECT_EQ(up().heard(What::keep_alive_answer, false), Step::give_up_broken) << "none was sent";
  EXPECT_EQ(up().heard(What::delivery, false), Step::give_up_broken) << "it has no subscription";
  EXPECT_EQ(up().heard(What::broken, false), Step::give_up_broken);
}

TEST(Device, ItsTimerSendsAKeepAliveAndTheNextFindsItAnsweredOrNot) {
  Device device = up();
  EXPECT_EQ(device.timer_expired(), Step::send_keep_alive);
  EXPECT_EQ(device.heard(What::keep_alive_answer, false), Step::none);
  EXPECT_EQ(device.timer_expired(), Step::send_keep_alive);
  EXPECT_EQ(device.heard(What::message_answer, false), Step::settle_message);
  EXPECT_EQ(device.timer_expired(), Step::give_up_unanswered)
      << "an answer to a message is none to a keep-alive";
}

TEST(Device, AServerThatIsSilentWhileItConnectsIsGivenUp) {
  Device connecting;
  connecting.begin_connecting();
  EXPECT_EQ(connecting.timer_expired(), Step::give_up_silent);
  EXPECT_EQ(greeted().timer_expired(), Step::give_up_silent);
  Device subscribing = greeted();
  subscribing.heard(What::welcome, true);
  EXPECT_EQ(subscribing.timer_expired(), Step::give_up_silent);
}

TEST(Device, PausesLongerAfterEachFailureUntilTheServerIsSeenAtWork) {
  Device device;
  for (const int pause : {10, 20, 40, 80, 160, 320, 640, 1280, 1280}) {
    device.failed();
    EXPECT_EQ(device.pause_ms(), pause);
    EXPECT_EQ(device.timer_expired(), Step::queue);
    device.begin_connecting();
    device.socket_connected();
    device.heard(What::welcome, false);
  }
  device.timer_expired();
  device.heard(What::keep_alive_answer, false);
  device.failed();
  EXPECT_EQ(device.pause_ms(), 10);
}

TEST(Device, OneThatLeftByThePlanIsQueuedAtOnceAndOwesNoKeepAlive) {
  Device device = up();
  device.timer_expired();
  device.leave_when_answered();
  device.left();
  EXPECT_EQ(device.state(), State::queued);
  EXPECT_FALSE(device.is_leaving());
  device.begin_connecting();
  device.socket_connected();
  device.heard(What::welcome, false);
  EXPECT_EQ(device.timer_expired(), Step::send_keep_alive) << "not given up for the one before";
}

}  // namespace
}  // namespace soakline
