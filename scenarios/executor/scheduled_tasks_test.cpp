#include "scenarios/executor/scheduled_tasks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace executor {
namespace {

using namespace std::chrono_literals;

class ScheduledTasksTest : public testing::Test {
 protected:
  void add(Duration due, const std::string& name, Duration period = {}) {
    scheduled_.add(Time{due}, period, [this, name] { ran_ += name; });
  }
  std::string run_at(Duration now) {
    ran_.clear();
    for (const auto& task : scheduled_.take_due(Time{now})) task();
    return ran_;
  }

  ScheduledTasks scheduled_;
  std::string ran_;
};

TEST_F(ScheduledTasksTest, RunInTheOrderOfTheirTimesNotOfTheirAdding) {
  add(3s, "c");
  add(1s, "a");
  add(2s, "b");
  EXPECT_EQ(run_at(5s), "abc");
}

TEST_F(ScheduledTasksTest, OfOneTimeRunInTheOrderOfTheirAdding) {
  for (const char* name : {"a", "b", "c", "d", "e"}) add(1s, name);
  EXPECT_EQ(run_at(1s), "abcde");
}

TEST_F(ScheduledTasksTest, RunOnceAndNotBeforeTheyAreDue) {
  add(2s, "a");
  EXPECT_EQ(scheduled_.next_due(), Time{2s});
  EXPECT_EQ(run_at(2s - 1ns), "");
  EXPECT_EQ(run_at(2s), "a");
  EXPECT_EQ(run_at(9s), "");
  EXPECT_EQ(scheduled_.next_due(), Time::max());
}

TEST_F(ScheduledTasksTest, AtAFixedRateKeepTheirTimesHoweverLateTheyRun) {
  add(10s, "a", 10s);
  EXPECT_EQ(run_at(13s), "a");
  EXPECT_EQ(scheduled_.next_due(), Time{20s});
}

TEST_F(ScheduledTasksTest, AtAFixedRateSkipTheTimesTheyMissed) {
  add(10s, "a", 10s);
  EXPECT_EQ(run_at(57s), "a");
  EXPECT_EQ(scheduled_.next_due(), Time{60s});
}

}  // namespace
}  // namespace executor
