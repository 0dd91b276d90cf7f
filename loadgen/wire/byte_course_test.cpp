#include "loadgen/wire/byte_course.hpp"

#include <gtest/gtest.h>

namespace soakline {
namespace {

constexpr std::int64_t second = 1'000'000'000;

// Takes what is due until a moment; what went, and when the last of it did.
struct Went {
  std::string bytes;
  std::int64_t last_ns = -1;
  std::size_t pieces = 0;
};
Went until(ByteCourse& course, std::int64_t end_ns, std::int64_t from_ns = 0) {
  Went went;
  for (std::int64_t now = std::max(from_ns, course.next_ns()); now <= end_ns;
       now = std::max(now, course.next_ns())) {
    const std::string_view due = course.due(now);
    if (due.empty()) break;
    went.bytes += due;
    went.last_ns = now;
    ++went.pieces;
    course.gone(due.size(), now);
  }
  return went;
}

TEST(ByteCourse, GoesOnAtOnceAndInOrder) {
  ByteCourse course;
  course.add("ab", 0);
  course.add("cd", 5);
  EXPECT_EQ(until(course, 5).bytes, "abcd");
  EXPECT_EQ(course.waiting(), 0U);
  EXPECT_EQ(course.next_ns(), ByteCourse::never_ns);
}

TEST(ByteCourse, WhatIsHeldGoesOnOnceItIsNot) {
  ByteCourse course;
  course.set({.held = true}, 0);
  course.add("ab", 0);
  EXPECT_EQ(course.next_ns(), ByteCourse::never_ns);
  EXPECT_EQ(course.due(9 * second), "");
  course.set({}, 9 * second);
  EXPECT_EQ(course.due(9 * second), "ab");
}

TEST(ByteCourse, EachByteComesLaterByTheDelay) {
  ByteCourse course;
  course.set({.delay_s = 0.2}, 0);
  course.add("ab", 0);
  course.add("cd", second);
  EXPECT_EQ(until(course, second / 5 - 1).bytes, "");
  EXPECT_EQ(until(course, second / 5).bytes, "ab");
  EXPECT_EQ(course.next_ns(), second + second / 5);
}

TEST(ByteCourse, WhatIsDelayedGoesOnWhenTheDelayEndsAndStaysInOrder) {
  ByteCourse course;
  course.set({.delay_s = 100}, 0);
  course.add("ab", 0);
  course.set({}, second);
  course.add("cd", second);
  EXPECT_EQ(until(course, second, second).bytes, "abcd");
}

TEST(ByteCourse, IsTornIntoPiecesWithPauses) {
  ByteCourse course;
  course.set({.piece = 2, .pause_s = 0.5}, 0);
  course.add("abcde", 0);
  const Went went = until(course, 10 * second);
  EXPECT_EQ(went.bytes, "abcde");
  EXPECT_EQ(went.pieces, 3U);
  EXPECT_EQ(went.last_ns, second);
}

TEST(ByteCourse, KeepsToItsRate) {
  ByteCourse course;
  course.set({.bytes_per_s = 1000}, 0);
  course.add(std::string(10'000, 'x'), 0);
  EXPECT_NEAR(static_cast<double>(until(course, 3 * second).bytes.size()), 3000, 20);
}

TEST(ByteCourse, TakesInNoMoreThanItsMemoryAllowsAndReadingSlowlyNoMoreThanGoesOn) {
  ByteCourse course;
  EXPECT_TRUE(course.wants_more());
  course.add(std::string(2 << 20, 'x'), 0);
  EXPECT_FALSE(course.wants_more());
  ByteCourse slow;
  slow.set({.bytes_per_s = 10, .slow_reading = true}, 0);
  EXPECT_TRUE(slow.wants_more());
  slow.add("ab", 0);
  EXPECT_FALSE(slow.wants_more());
}

}  // namespace
}  // namespace soakline
