#include "scenarios/executor/elastic_thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "scenarios/executor/blocking_queue.hpp"
#include "scenarios/executor/injection_policy.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;
using What = InjectionPolicy::Decision::What;

TEST(InjectionPolicy, WantsNoThreadWhileOneIsFree) {
  InjectionPolicy policy(500ms);
  EXPECT_EQ(policy.decide(0, 0, Time{}).what, What::nothing);
  EXPECT_EQ(policy.decide(2, 2, Time{}).what, What::nothing);
}

TEST(InjectionPolicy, InjectsTheFirstAtOnceAndTheNextOneIntervalLater) {
  InjectionPolicy policy(500ms);
  EXPECT_EQ(policy.decide(1, 0, Time{10s}).what, What::inject);
  const auto next = policy.decide(1, 0, Time{10s} + 1ms);
  EXPECT_EQ(next.what, What::wait);
  EXPECT_EQ(next.until, Time{10s} + 500ms);
  EXPECT_EQ(policy.decide(1, 0, next.until).what, What::inject);
}

TEST(InjectionPolicy, SavesUpNothingWhileThereIsNoWork) {
  InjectionPolicy policy(500ms);
  int injected = 0;
  for (Time now{1h}; now < Time{1h} + 10s; now += 10ms)
    injected += policy.decide(99, 0, now).what == What::inject;
  EXPECT_EQ(injected, 20);
}

TEST(ElasticThreadPool, UsesAWorkerAgainWhoseItemReturns) {
  ThreadSource threads(4);
  ElasticThreadPool pool(threads, 1ms);
  for (int item = 1; item <= 20; ++item) {
    std::atomic<bool> done = false;
    pool.submit([&] { done = true; });
    ASSERT_TRUE(wait_until([&] { return done.load(); }));
  }
  EXPECT_LE(threads.threads(), 4U);
}

TEST(ElasticThreadPool, AddsAWorkerForEachItemThatBlocks) {
  ThreadSource threads(16);
  BlockingQueue<int> blocked;
  std::atomic<int> back = 0;
  const auto block = [&] {
    try {
      blocked.take();
    } catch (const QueueClosed&) {
      ++back;
    }
  };
  ElasticThreadPool pool(threads, 1ms);
  for (int item = 0; item < 8; ++item) pool.submit(block);
  EXPECT_TRUE(wait_until([&] { return threads.threads() == 8 && pool.waiting() == 0; }));
  blocked.close();
  EXPECT_TRUE(wait_until([&] { return back == 8; }));
}

TEST(ElasticThreadPool, AddsNoneBeforeTheInterval) {
  ThreadSource threads(16);
  BlockingQueue<int> blocked;
  std::atomic<bool> back = false;
  ElasticThreadPool pool(threads, 1h);
  for (int item = 0; item < 8; ++item)
    pool.submit([&] {
      try {
        blocked.take();
      } catch (const QueueClosed&) {
        back = true;
      }
    });
  EXPECT_TRUE(wait_until([&] { return pool.waiting() == 7; }));
  EXPECT_EQ(threads.threads(), 1U);
  blocked.close();
  EXPECT_TRUE(wait_until([&] { return back && pool.waiting() == 0; }));
}

TEST(ElasticThreadPool, SaysSoAtTheMaximum) {
  BlockingQueue<int> blocked;
  BlockingQueue<std::string> heard;
  ThreadSource threads(2, [&](const ThreadsExhausted& error) { heard.put(error.what()); });
  std::atomic<int> back = 0;
  {
    ElasticThreadPool pool(threads, 1ms);
    for (int item = 0; item < 3; ++item)
      pool.submit([&] {
        try {
          blocked.take();
        } catch (const QueueClosed&) {
          ++back;
        }
      });
    EXPECT_NE(heard.take().find("thread 3"), std::string::npos);
    EXPECT_EQ(threads.threads(), 2U);
    blocked.close();
    EXPECT_TRUE(wait_until([&] { return back == 3; }));
  }
  EXPECT_TRUE(wait_until([&] { return threads.threads() == 0; }));
}

}  // namespace
}  // namespace executor
