#include "harness/judge/recording.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace soakline {
namespace {

// Of those alive at the end.
std::vector<double> births(std::initializer_list<double> counts) {
  CountedLives lives(100);
  double time_s = 0;
  for (const double count : counts) lives.add(time_s++, count);
  std::vector<double> born;
  for (const Lifetime& life : lives.lives())
    if (life.gone_s == never_s) born.insert(born.end(), life.number, life.born_s);
  return born;
}

TEST(CountedLives, TakeTheFirstRowAsThereBefore) {
  EXPECT_THAT(births({3}), testing::ElementsAre(-never_s, -never_s, -never_s));
}

TEST(CountedLives, BearOneForEveryRise) {
  EXPECT_THAT(births({1, 1, 3, 4}), testing::ElementsAre(-never_s, 2, 2, 3));
}

TEST(CountedLives, LoseTheYoungestFirst) {
  EXPECT_THAT(births({1, 3, 4, 2}), testing::ElementsAre(-never_s, 1));
}

TEST(CountedLives, DateAReturnByTheReturn) {
  EXPECT_THAT(births({2, 1, 2}), testing::ElementsAre(-never_s, 2));
}

TEST(CountedLives, SayNothingAboutMissingCells) {
  EXPECT_THAT(births({missing, 2, missing, 3, never_s}), testing::ElementsAre(-never_s, -never_s, 3));
}

TEST(CountedLives, HoldWhatIsAliveWhileCountsAreInRange) {
  EXPECT_THAT(births({2, -5}), testing::IsEmpty());
  EXPECT_LE(births({0, 1e30}).size(), 1u << 22);
}

TEST(CountedLives, KeepTheEndOfWhatLastedLong) {
  CountedLives lives(10);
  for (const auto& [time_s, count] : {std::pair{0, 1}, {1, 2}, {5, 3}, {9, 2}, {12, 3}, {15, 1}, {20, 0}})
    lives.add(time_s, count);
  ASSERT_EQ(lives.lives().size(), 2u);
  EXPECT_EQ(lives.lives()[0].born_s, -never_s);
  EXPECT_EQ(lives.lives()[0].gone_s, 20);
  EXPECT_EQ(lives.lives()[1].born_s, 1);
  EXPECT_EQ(lives.lives()[1].gone_s, 15);
}

TEST(CountedLives, SplitThoseBornTogetherWhereSomeLastLonger) {
  CountedLives lives(10);
  for (const auto& [time_s, count] : {std::pair{0, 0}, {1, 5}, {20, 3}, {30, 0}}) lives.add(time_s, count);
  std::vector<std::pair<double, std::size_t>> gone;
  for (const Lifetime& life : lives.lives()) gone.emplace_back(life.gone_s, life.number);
  EXPECT_THAT(gone, testing::UnorderedElementsAre(std::pair(20, 2), std::pair(30, 3)));
}

TEST(CountedLives, TakeNoMoreRoomThanRowsHoweverWildTheCounts) {
  CountedLives lives(1);
  for (int i = 0; i < 1000; ++i) lives.add(2 * i, i % 2 * 4e6);
  EXPECT_LE(lives.lives().size(), 2000u);
}

TEST(CountedLives, HaveNoEnd) {
  CountedLives lives(100);
  lives.add(0, 0);
  lives.add(5, 1);
  ASSERT_EQ(lives.lives().size(), 1u);
  EXPECT_EQ(lives.lives()[0].gone_s, never_s);
}

TEST(Recording, EndsWithItsLastRow) {
  Recording recording;
  EXPECT_EQ(recording.end_s(), 0);
  recording.time_s = {0, 1.5};
  EXPECT_EQ(recording.end_s(), 1.5);
}

}  // namespace
}  // namespace soakline
