#include "scenarios/executor/event_executor_group.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>

#include <boost/asio/post.hpp>

#include "scenarios/executor/dedicated_task_scheduler.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;

class EventExecutorGroupTest : public testing::Test {
 protected:
  SchedulerFactory dedicated() {
    return [this](Executor& executor) {
      return std::make_unique<DedicatedTaskScheduler>(executor, 1, threads_);
    };
  }
  ThreadSource threads_{256};
};

TEST_F(EventExecutorGroupTest, HandsOutItsExecutorsInTurn) {
  EventExecutorGroup group(3, dedicated());
  auto& first = group.next();
  auto& second = group.next();
  auto& third = group.next();
  EXPECT_EQ(&first, &group.first());
  EXPECT_NE(&first, &second);
  EXPECT_NE(&second, &third);
  EXPECT_EQ(&group.next(), &first);
}

TEST_F(EventExecutorGroupTest, BeatsOncePerIntervalHoweverManyExecutorsItHas) {
  const Time start = Clock::now();
  EventExecutorGroup group(4, dedicated());
  group.start_heartbeat(2ms);
  ASSERT_TRUE(wait_until([&] { return group.heartbeats() >= 20; }));
  const auto beats = group.heartbeats();
  EXPECT_LE(beats, static_cast<std::uint64_t>((Clock::now() - start) / 2ms));
}

TEST_F(EventExecutorGroupTest, EachBeatStartsTheLoopOfOneExecutorAnew) {
  EventExecutorGroup group(2, dedicated());
  group.start_heartbeat(2ms);
  auto& first = group.next();
  auto& second = group.next();
  ASSERT_TRUE(wait_until([&] { return first.turns() >= 10 && second.turns() >= 10; }));
  group.shutdown_gracefully(0s, 10s);
  ASSERT_TRUE(group.await_termination(10s));
  const auto turns = first.turns() + second.turns();
  EXPECT_GE(turns, group.heartbeats());
  // Besides the beats: the first turn of each, the one that takes the heartbeat in, and those of the
  // shutdown.
  EXPECT_LE(turns, group.heartbeats() + 10);
}

TEST_F(EventExecutorGroupTest, ManyCreatedAndStoppedLeaveThreadsAndDescriptorsWhereTheyWere) {
  const auto threads = own_threads_before();
  const auto descriptors = own_descriptors();
  for (int round = 0; round < 10; ++round) {
    EventExecutorGroup group(3, dedicated());
    group.start_heartbeat(1ms);
    ASSERT_TRUE(wait_until([&] { return group.heartbeats() >= 3; }));
    EXPECT_EQ(threads_.threads(), 3U);
  }
  EXPECT_EQ(threads_.threads(), 0U);
  EXPECT_TRUE(wait_until([&] { return own_threads() <= threads; }));
  EXPECT_EQ(own_descriptors(), descriptors);
}

TEST_F(EventExecutorGroupTest, IoHandlersRunOnTheExecutorsThreadAndCostNoTurn) {
  LoopExecutor executor("test", dedicated());
  std::atomic<bool> started = false;
  executor.execute([&] { started = true; });
  ASSERT_TRUE(wait_until([&] { return started.load(); }));
  boost::asio::post(executor.io(), [] {});
  const auto turns = executor.turns();
  std::atomic<int> inside = 0;
  for (int handler = 1; handler <= 100; ++handler) {
    boost::asio::post(executor.io(), [&] { inside += executor.in_event_loop(); });
    ASSERT_TRUE(wait_until([&] { return inside == handler; }));
  }
  EXPECT_LE(executor.turns(), turns + 1);  // the first one may have been under way
}

}  // namespace
}  // namespace executor
