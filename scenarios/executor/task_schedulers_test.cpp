#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "scenarios/executor/dedicated_task_scheduler.hpp"
#include "scenarios/executor/elastic_thread_pool.hpp"
#include "scenarios/executor/long_running_task_scheduler.hpp"
#include "scenarios/executor/pool_task_scheduler.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;

// Queues tasks one by one, each when the one before has run: a single thread could serve them all.
void queue_one_by_one(TaskScheduler& scheduler, const RecordingExecutor& executor, std::size_t tasks) {
  for (std::size_t task = 1; task <= tasks; ++task) {
    scheduler.queue_task([] {});
    ASSERT_TRUE(wait_until([&] { return executor.callers().size() == task; }));
  }
}

TEST(DedicatedTaskScheduler, RunsTheFirstTaskInlineAndNoneLater) {
  RecordingExecutor executor;
  ThreadSource threads(8);
  DedicatedTaskScheduler scheduler(executor, 1, threads);
  std::vector<std::thread::id> ran_on;
  for (int task = 0; task < 3; ++task) {
    scheduler.queue_task([&] { ran_on.push_back(std::this_thread::get_id()); });
    ASSERT_TRUE(wait_until([&] { return executor.callers().size() == static_cast<std::size_t>(task); }));
  }
  ASSERT_EQ(ran_on.size(), 3U);
  EXPECT_EQ(ran_on[0], std::this_thread::get_id());
  EXPECT_NE(ran_on[1], std::this_thread::get_id());
  EXPECT_EQ(ran_on[2], ran_on[1]);
}

TEST(DedicatedTaskScheduler, QueuesWhatTheInlinedTaskQueues) {
  RecordingExecutor executor;
  ThreadSource threads(8);
  DedicatedTaskScheduler scheduler(executor, 1, threads);
  std::thread::id inner;
  scheduler.queue_task([&] { scheduler.queue_task([&] { inner = std::this_thread::get_id(); }); });
  ASSERT_TRUE(wait_until([&] { return executor.callers().size() == 1; }));
  EXPECT_NE(inner, std::this_thread::get_id());
}

TEST(DedicatedTaskScheduler, NeedsNoMoreThreadsThanItWasGiven) {
  RecordingExecutor executor;
  ThreadSource threads(3);
  DedicatedTaskScheduler scheduler(executor, 3, threads);
  scheduler.queue_task([] {});
  queue_one_by_one(scheduler, executor, 50);
  EXPECT_EQ(threads.threads(), 3U);
  const auto callers = executor.callers();
  EXPECT_LE(std::set(callers.begin(), callers.end()).size(), 3U);
}

TEST(DedicatedTaskScheduler, ItsQueueClosesAfterWhatWasQueued) {
  RecordingExecutor executor;
  ThreadSource threads(8);
  DedicatedTaskScheduler scheduler(executor, 1, threads);
  scheduler.queue_task([] {});
  for (int task = 0; task < 100; ++task) scheduler.queue_task([] {});
  scheduler.close();
  EXPECT_EQ(executor.callers().size(), 100U);
  EXPECT_EQ(threads.threads(), 0U);
  EXPECT_THROW(scheduler.queue_task([] {}), RejectedExecution);
}

TEST(DedicatedTaskScheduler, TakesNoFirstTaskEitherOnceClosed) {
  RecordingExecutor executor;
  ThreadSource threads(8);
  DedicatedTaskScheduler scheduler(executor, 1, threads);
  scheduler.close();
  EXPECT_THROW(scheduler.queue_task([] {}), RejectedExecution);
}

TEST(DedicatedTaskScheduler, ManyCreatedAndClosedLeaveTheThreadCountWhereItWas) {
  const auto before = own_threads_before();
  ThreadSource threads(8);
  for (int round = 0; round < 30; ++round) {
    RecordingExecutor executor;
    DedicatedTaskScheduler scheduler(executor, 2, threads);
    scheduler.queue_task([] {});
    queue_one_by_one(scheduler, executor, 2);
  }
  EXPECT_TRUE(wait_until([&] { return own_threads() <= before; }));
}

TEST(DedicatedTaskScheduler, LeavesNoThreadBehindWhenItCannotHaveThemAll) {
  RecordingExecutor executor;
  ThreadSource threads(2);
  EXPECT_THROW(DedicatedTaskScheduler(executor, 3, threads), ThreadsExhausted);
  EXPECT_EQ(threads.threads(), 0U);
}

// The leaking ones leave threads behind by design, so what those use is never destroyed here.
struct Leaking {
  RecordingExecutor executor;
  ThreadSource threads{64};
};

TEST(PoolTaskScheduler, EveryQueuedTaskCostsAWorkerForGood) {
  auto& leaking = *new Leaking;
  ElasticThreadPool pool(leaking.threads, 1ms);
  PoolTaskScheduler scheduler(leaking.executor, pool);
  queue_one_by_one(scheduler, leaking.executor, 12);
  EXPECT_TRUE(wait_until([&] { return leaking.threads.threads() == 12 && pool.waiting() == 0; }));
}

TEST(PoolTaskScheduler, InlinesNotEvenTheFirstTask) {
  auto& leaking = *new Leaking;
  ElasticThreadPool pool(leaking.threads, 1ms);
  PoolTaskScheduler scheduler(leaking.executor, pool);
  queue_one_by_one(scheduler, leaking.executor, 1);
  EXPECT_NE(leaking.executor.callers().at(0), std::this_thread::get_id());
}

TEST(PoolTaskScheduler, ServesAllTasksWithOneWorkerWhileTheOthersAreNotDueYet) {
  auto& leaking = *new Leaking;
  ElasticThreadPool pool(leaking.threads, 1h);
  PoolTaskScheduler scheduler(leaking.executor, pool);
  queue_one_by_one(scheduler, leaking.executor, 12);
  EXPECT_EQ(leaking.threads.threads(), 1U);
  EXPECT_EQ(pool.waiting(), 11U);
}

TEST(LongRunningTaskScheduler, EveryQueuedTaskCostsAThreadForGood) {
  auto& leaking = *new Leaking;
  LongRunningTaskScheduler scheduler(leaking.executor, leaking.threads);
  queue_one_by_one(scheduler, leaking.executor, 12);
  EXPECT_EQ(leaking.threads.threads(), 12U);
}

TEST(LongRunningTaskScheduler, SaysSoAtTheMaximum) {
  auto& executor = *new RecordingExecutor;
  std::string heard;
  ThreadSource threads(2, [&](const ThreadsExhausted& error) { heard = error.what(); });
  LongRunningTaskScheduler scheduler(executor, threads);
  queue_one_by_one(scheduler, executor, 2);
  EXPECT_THROW(scheduler.queue_task([] {}), ThreadsExhausted);
  EXPECT_NE(heard.find("--max-threads is 2"), std::string::npos) << heard;
}

}  // namespace
}  // namespace executor
