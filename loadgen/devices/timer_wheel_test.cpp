#include "loadgen/devices/timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "loadgen/seeded.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1000 * ms;

std::vector<std::uint32_t> expired_at(TimerWheel& wheel, std::int64_t now_ns) {
  std::vector<std::uint32_t> expired;
  wheel.advance(now_ns, [&](std::uint32_t timer) { expired.push_back(timer); });
  return expired;
}

TEST(TimerWheel, ATimerExpiresOnceAndNeverEarly) {
  TimerWheel wheel(3);
  wheel.set(1, 100 * ms);
  EXPECT_THAT(expired_at(wheel, 100 * ms - 1), IsEmpty());
  EXPECT_THAT(expired_at(wheel, 100 * ms + TimerWheel::tick_ns), ElementsAre(1));
  EXPECT_THAT(expired_at(wheel, 10 * second), IsEmpty());
}

TEST(TimerWheel, ATimerBeyondATurnWaitsForItsOwn) {
  TimerWheel wheel(2);
  wheel.set(0, 100 * second);
  for (std::int64_t now = 0; now < 100 * second; now += 50 * ms)
    ASSERT_THAT(expired_at(wheel, now), IsEmpty());
  EXPECT_THAT(expired_at(wheel, 100 * second + TimerWheel::tick_ns), ElementsAre(0));
}

TEST(TimerWheel, AStandstillOfManyTurnsSkipsNone) {
  TimerWheel wheel(3);
  wheel.set(0, 1 * second);
  wheel.set(1, 40 * second);
  wheel.set(2, 3000 * second);
  EXPECT_THAT(expired_at(wheel, 1000 * second), UnorderedElementsAre(0, 1));
  EXPECT_THAT(expired_at(wheel, 3001 * second), ElementsAre(2));
}

TEST(TimerWheel, SettingAgainMovesATimerAndCancellingForgetsIt) {
  TimerWheel wheel(2);
  wheel.set(0, 1 * second);
  wheel.set(1, 1 * second);
  wheel.set(0, 3 * second);
  wheel.cancel(1);
  EXPECT_THAT(expired_at(wheel, 2 * second), IsEmpty());
  EXPECT_THAT(expired_at(wheel, 4 * second), ElementsAre(0));
}

TEST(TimerWheel, WhatIsDueMayCancelAndSetOthersThatAreDue) {
  TimerWheel wheel(3);
  for (const std::uint32_t timer : {0U, 1U, 2U}) wheel.set(timer, 1 * second);
  std::vector<std::uint32_t> expired;
  wheel.advance(2 * second, [&](std::uint32_t timer) {
    expired.push_back(timer);
    wheel.cancel(1);
    wheel.set(2, 0);
  });
  EXPECT_THAT(expired, ElementsAre(0));
  EXPECT_THAT(expired_at(wheel, 2 * second + TimerWheel::tick_ns), ElementsAre(2))
      << "not in the same advance";
}

TEST(TimerWheel, TheNextTimeIsNeverAfterATimerAndThereIsNoneWithoutTimers) {
  TimerWheel wheel(2);
  EXPECT_EQ(wheel.next_ns(), TimerWheel::never);
  wheel.set(0, 5 * second);
  EXPECT_GE(wheel.next_ns(), 5 * second);
  EXPECT_LE(wheel.next_ns(), 5 * second + TimerWheel::tick_ns);
  expired_at(wheel, 6 * second);
  EXPECT_EQ(wheel.next_ns(), TimerWheel::never);
}

TEST(TimerWheel, AgreesWithASortedMapOverARandomLife) {
  constexpr std::uint32_t count = 50;
  TimerWheel wheel(count);
  std::map<std::uint32_t, std::int64_t> model;
  Random random = seeded(7, Purpose::messages);
  std::int64_t now = 0;
  for (int step = 0; step < 20'000; ++step) {
    const auto timer = static_cast<std::uint32_t>(random() % count);
    if (random() % 4 == 0) {
      wheel.cancel(timer);
      model.erase(timer);
    } else {
      const auto at = now + static_cast<std::int64_t>(random() % (90 * second));
      wheel.set(timer, at);
      model[timer] = at;
    }
    now += static_cast<std::int64_t>(random() % (random() % 100 == 0 ? 60 * second : 200 * ms));
    wheel.advance(now, [&](std::uint32_t expired) {
      ASSERT_TRUE(model.contains(expired));
      ASSERT_LE(model[expired], now);
      model.erase(expired);
    });
    for (const auto& [left, at] : model) ASSERT_GT(at + TimerWheel::tick_ns, now) << "timer " << left;
  }
}

}  // namespace
}  // namespace soakline
