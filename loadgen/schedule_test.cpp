#include "loadgen/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace soakline {
namespace {

std::vector<std::int64_t> first(std::size_t count, Schedule schedule) {
  std::vector<std::int64_t> due;
  for (; due.size() < count; schedule.advance()) due.push_back(schedule.due_ns());
  return due;
}

TEST(Schedule, AFixedRateIsEvenlySpacedFromZero) {
  EXPECT_THAT(first(4, Schedule(Arrivals::fixed, 20'000, 7)),
              testing::ElementsAre(0, 50'000, 100'000, 150'000));
}

TEST(Schedule, AFixedRateHasNoRoundingThatAddsUp) {
  const double rate = 58'000 / 86'400.0;  // a gap of 1489655172.41 ns
  const auto due = first(58'001, Schedule(Arrivals::fixed, rate, 7));
  EXPECT_EQ(due.back(), 86'400'000'000'000);
}

TEST(Schedule, NothingIsDueWhileIdleAndNothingIsLostByIt) {
  EXPECT_THAT(first(5, Schedule(Arrivals::fixed, 1000, 7, {}, {2'000'000, 10'000'000})),
              testing::ElementsAre(0, 1'000'000, 10'000'000, 11'000'000, 12'000'000));
  const Idle idle{300'000'000, 500'000'000};
  for (const std::int64_t due : first(1000, Schedule(Arrivals::poisson, 1000, 7, {}, idle)))
    EXPECT_FALSE(idle.contains(due)) << due;
}

TEST(Schedule, PoissonGapsHaveTheMeanAndTheSpreadOfAnExponential) {
  constexpr std::size_t count = 200'000;
  const auto due = first(count, Schedule(Arrivals::poisson, 1000, 7));
  const double mean = static_cast<double>(due.back()) / count;
  double squares = 0;
  std::size_t longer_than_mean = 0;
  for (std::size_t i = 1; i < count; ++i) {
    const auto gap = static_cast<double>(due[i] - due[i - 1]);
    ASSERT_GE(gap, 0);
    squares += gap * gap;
    longer_than_mean += gap > 1e6;
  }
  EXPECT_NEAR(mean, 1e6, 0.01e6);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), 1e6, 0.02e6);
  EXPECT_NEAR(static_cast<double>(longer_than_mean) / count, std::exp(-1), 0.01);
}

std::size_t count_between(Schedule schedule, std::int64_t from_ns, std::int64_t until_ns) {
  std::size_t count = 0;
  for (; schedule.due_ns() < until_ns; schedule.advance()) count += schedule.due_ns() >= from_ns;
  return count;
}

constexpr std::int64_t second = 1'000'000'000;

TEST(Schedule, ARampSendsHalfOfWhatTheRateWould) {
  const Schedule ramp(Arrivals::fixed, 1000, 7, parse_rate_shape("ramp:10s"));
  EXPECT_EQ(count_between(ramp, 0, 10 * second), 5000U);
  EXPECT_EQ(count_between(ramp, 0, 5 * second), 1250U);
  EXPECT_EQ(count_between(ramp, 10 * second, 20 * second), 10'000U);
}

TEST(Schedule, StepsRepeatWithoutLosingAnArrival) {
  const Schedule steps(Arrivals::fixed, 100, 7, parse_rate_shape("steps:0.5@1s,2@1s,0@1s"));
  EXPECT_EQ(count_between(steps, 0, second), 50U);
  EXPECT_EQ(count_between(steps, second, 2 * second), 200U);
  EXPECT_EQ(count_between(steps, 2 * second, 3 * second), 0U);
  EXPECT_EQ(count_between(steps, 300 * second, 600 * second), 25'000U);
}

TEST(Schedule, BurstsComeTogetherAndKeepTheRate) {
  const Schedule bursts(Arrivals::poisson, 1000, 7, parse_rate_shape("bursts:1s/10s"));
  EXPECT_NEAR(static_cast<double>(count_between(bursts, 0, second)), 10'000, 400);
  EXPECT_EQ(count_between(bursts, second, 10 * second), 0U);
  EXPECT_NEAR(static_cast<double>(count_between(bursts, 10 * second, 11 * second)), 10'000, 400);
}

TEST(Schedule, ADayIsQuietAtItsBeginningAndBusyAtItsMiddle) {
  const Schedule day(Arrivals::poisson, 1000, 7, parse_rate_shape("daily:100s"));
  EXPECT_NEAR(static_cast<double>(count_between(day, 0, second)), 200, 60);
  EXPECT_NEAR(static_cast<double>(count_between(day, 50 * second, 51 * second)), 1800, 180);
  EXPECT_NEAR(static_cast<double>(count_between(day, 0, 100 * second)), 100'000, 1500);
}

TEST(Schedule, TheSeedAloneDecidesPoissonArrivals) {
  const auto poisson = [](std::uint64_t seed) {
    return first(1000, Schedule(Arrivals::poisson, 1000, seed));
  };
  EXPECT_EQ(poisson(7), poisson(7));
  EXPECT_NE(poisson(7), poisson(8));
  EXPECT_NE(poisson(7), poisson(7 + (std::uint64_t{1} << 32)));
}

}  // namespace
}  // namespace soakline
