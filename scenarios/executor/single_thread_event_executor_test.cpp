#include "scenarios/executor/single_thread_event_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "scenarios/executor/dedicated_task_scheduler.hpp"
#include "scenarios/executor/long_running_task_scheduler.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;

class SingleThreadEventExecutorTest : public testing::Test {
 protected:
  SchedulerFactory dedicated() {
    return [this](Executor& executor) {
      return std::make_unique<DedicatedTaskScheduler>(executor, 1, threads_);
    };
  }
  ThreadSource threads_{256};
};

// Tasks from outside, each a turn of its own because the one before it has been run.
void execute_one_by_one(SingleThreadEventExecutor& executor, int tasks) {
  for (int task = 0; task < tasks; ++task) {
    std::atomic<bool> done = false;
    const auto turns = executor.turns();
    executor.execute([&] { done = true; });
    ASSERT_TRUE(wait_until([&] { return done && executor.turns() > turns; }));
  }
}

TEST_F(SingleThreadEventExecutorTest, RunsTasksInOrderOnItsOwnThread) {
  SingleThreadEventExecutor executor("test", dedicated());
  std::string ran;
  std::atomic<bool> inside = true;
  for (char name = 'a'; name <= 'z'; ++name)
    executor.execute([&, name] {
      ran += name;
      inside = inside && executor.in_event_loop();
    });
  executor.shutdown_gracefully(0s, 10s);
  ASSERT_TRUE(executor.await_termination(10s));
  EXPECT_EQ(ran, "abcdefghijklmnopqrstuvwxyz");
  EXPECT_TRUE(inside);
  EXPECT_FALSE(executor.in_event_loop());
}

TEST_F(SingleThreadEventExecutorTest, StartsItsLoopAnewForEachTaskThatFindsItWaiting) {
  SingleThreadEventExecutor executor("test", dedicated());
  execute_one_by_one(executor, 10);
  EXPECT_GE(executor.turns(), 10U);
  EXPECT_EQ(threads_.threads(), 1U);
}

TEST_F(SingleThreadEventExecutorTest, OnALeakingSchedulerEachTurnCostsAThread) {
  SingleThreadEventExecutor executor(
      "test", [this](Executor& self) { return std::make_unique<LongRunningTaskScheduler>(self, threads_); });
  execute_one_by_one(executor, 10);
  EXPECT_GE(threads_.threads(), 10U);
  EXPECT_LE(threads_.threads(), executor.turns() + 1);
}

TEST_F(SingleThreadEventExecutorTest, SurvivesATaskThatFails) {
  SingleThreadEventExecutor executor("test", dedicated());
  std::atomic<bool> ran = false;
  executor.execute([] { throw std::runtime_error("as the test wants it"); });
  executor.execute([&] { ran = true; });
  EXPECT_TRUE(wait_until([&] { return ran.load(); }));
}

TEST_F(SingleThreadEventExecutorTest, RunsScheduledTasksByTheirTimes) {
  SingleThreadEventExecutor executor("test", dedicated());
  std::string ran;
  std::atomic<bool> done = false;
  executor.execute([&] {
    executor.schedule(30ms, [&] { ran += "c"; });
    executor.schedule(10ms, [&] { ran += "a"; });
    executor.schedule(20ms, [&] { ran += "b"; });
    executor.schedule(40ms, [&] { done = true; });
  });
  ASSERT_TRUE(wait_until([&] { return done.load(); }));
  EXPECT_EQ(ran, "abc");
}

TEST_F(SingleThreadEventExecutorTest, RepeatsWhatIsScheduledAtAFixedRateWithNothingElseToDo) {
  SingleThreadEventExecutor executor("test", dedicated());
  std::atomic<int> beats = 0;
  executor.schedule_at_fixed_rate(1ms, 1ms, [&] { ++beats; });
  EXPECT_TRUE(wait_until([&] { return beats >= 10; }));
}

TEST_F(SingleThreadEventExecutorTest, EndsAtOnceIfItNeverStarted) {
  SingleThreadEventExecutor executor("test", dedicated());
  executor.shutdown_gracefully(1h, 1h);
  EXPECT_TRUE(executor.await_termination(0s));
}

TEST_F(SingleThreadEventExecutorTest, EndsNoEarlierThanTheQuietPeriodAfterItsLastTask) {
  SingleThreadEventExecutor executor("test", dedicated());
  int links = 0;
  Time last{};
  std::function<void()> link = [&] {
    last = Clock::now();
    if (++links < 5) executor.execute(link);
  };
  executor.execute(link);
  executor.shutdown_gracefully(50ms, 10s);
  ASSERT_TRUE(executor.await_termination(10s));
  EXPECT_EQ(links, 5) << "tasks that come within the quiet period are run";
  EXPECT_GE(Clock::now() - last, 50ms);
}

TEST_F(SingleThreadEventExecutorTest, TakesTheQuietPeriodEvenIfItIsIdle) {
  for (int round = 0; round < 5; ++round) {
    SingleThreadEventExecutor executor("test", dedicated());
    execute_one_by_one(executor, 2);
    const Time start = Clock::now();
    executor.shutdown_gracefully(30ms, 10s);
    ASSERT_TRUE(executor.await_termination(10s));
    EXPECT_GE(Clock::now() - start, 30ms);
  }
}

TEST_F(SingleThreadEventExecutorTest, EndsAtTheTimeoutHoweverBusy) {
  SingleThreadEventExecutor executor("test", dedicated());
  std::function<void()> again = [&] { executor.execute(again); };
  executor.execute(again);
  executor.shutdown_gracefully(1h, 20ms);
  EXPECT_TRUE(executor.await_termination(10s));
}

TEST_F(SingleThreadEventExecutorTest, TakesNoTasksOnceItHasEnded) {
  SingleThreadEventExecutor executor("test", dedicated());
  execute_one_by_one(executor, 1);
  executor.shutdown_gracefully(0s, 10s);
  ASSERT_TRUE(executor.await_termination(10s));
  EXPECT_THROW(executor.execute([] {}), RejectedExecution);
  EXPECT_EQ(threads_.threads(), 0U);
}

TEST_F(SingleThreadEventExecutorTest, ManyCreatedAndStoppedLeaveTheThreadCountWhereItWas) {
  const auto before = own_threads_before();
  for (int round = 0; round < 30; ++round) {
    SingleThreadEventExecutor executor("test", dedicated());
    execute_one_by_one(executor, 2);
    EXPECT_GE(own_threads(), before + 2);
  }
  EXPECT_TRUE(wait_until([&] { return own_threads() <= before; }));
}

}  // namespace
}  // namespace executor
