#include "scenarios/executor/frame_server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <list>
#include <memory>
#include <string>

#include "scenarios/executor/dedicated_task_scheduler.hpp"
#include "scenarios/executor/elastic_thread_pool.hpp"
#include "scenarios/executor/frame_client.hpp"
#include "scenarios/executor/pool_task_scheduler.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using namespace std::chrono_literals;

// A server on the fixed or the leaking scheduler; the parameter says which.
class FrameServerTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr std::uint32_t max_frame = 100'000;

  void SetUp() override { server_->start(); }
  void TearDown() override {
    server_->stop();
    group_.shutdown_gracefully(20ms, 5s);
    EXPECT_TRUE(group_.await_termination(10s));
  }

  SchedulerFactory scheduler() {
    return [this](Executor& executor) -> std::unique_ptr<TaskScheduler> {
      if (GetParam() == std::string("pool")) return std::make_unique<PoolTaskScheduler>(executor, pool_);
      return std::make_unique<DedicatedTaskScheduler>(executor, 1, threads_);
    };
  }

  ServerCounters counters_;
  ThreadSource threads_{1000};
  ElasticThreadPool pool_{threads_, 1ms};
  EventExecutorGroup group_{2, scheduler()};
  std::shared_ptr<FrameServer> server_ = std::make_shared<FrameServer>(group_, 0, max_frame, counters_);
};

INSTANTIATE_TEST_SUITE_P(Schedulers, FrameServerTest, testing::Values("dedicated", "pool"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(FrameServerTest, EchoesFramesOfAllSizes) {
  FrameClient client(server_->port());
  for (const std::size_t size : {0U, 1U, 511U, 70'000U, 100'000U}) {
    const std::string payload(size, static_cast<char>('a' + size % 26));
    EXPECT_EQ(client.echo(payload), payload);
  }
  EXPECT_EQ(counters_.frames, 5U);
}

TEST_P(FrameServerTest, EchoesFramesThatComeTornOrTogether) {
  FrameClient client(server_->port());
  std::string bytes;
  append_frame(bytes, "torn");
  for (const char byte : bytes) client.send_bytes({&byte, 1});
  EXPECT_EQ(client.receive(), "torn");
  client.send_bytes(bytes + bytes + bytes);
  for (int frame = 0; frame < 3; ++frame) EXPECT_EQ(client.receive(), "torn");
}

TEST_P(FrameServerTest, RefusesAFrameOverTheMaximumAndClosesThatConnectionOnly) {
  FrameClient client(server_->port());
  FrameClient other(server_->port());
  client.send("before");
  client.send(std::string(max_frame + 1, 'x'));
  EXPECT_EQ(client.receive(), "before");
  EXPECT_EQ(client.receive(), "error: refused a frame of 100001 bytes: the maximum is 100000 (--max-frame)");
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(other.echo("still here"), "still here");
  EXPECT_EQ(counters_.refused, 1U);
}

TEST_P(FrameServerTest, ServesItsConnectionsOnAllExecutors) {
  FrameClient first(server_->port());
  FrameClient second(server_->port());
  EXPECT_EQ(first.echo("a"), "a");
  EXPECT_EQ(second.echo("b"), "b");
  EXPECT_GE(group_.next().turns(), 1U);
  EXPECT_GE(group_.next().turns(), 1U);
}

TEST_P(FrameServerTest, KeepsNoDescriptorOfConnectionsThatHaveGone) {
  FrameClient warm_up(server_->port());
  EXPECT_EQ(warm_up.echo("x"), "x");
  const auto before = own_descriptors();
  for (int round = 0; round < 10; ++round) {
    std::list<FrameClient> clients;
    for (int client = 0; client < 10; ++client)
      EXPECT_EQ(clients.emplace_back(server_->port()).echo("x"), "x");
    EXPECT_GE(own_descriptors(), before + 20);
  }
  EXPECT_TRUE(wait_until([&] { return own_descriptors() == before; }));
  EXPECT_EQ(counters_.connections, 101U);
}

TEST_P(FrameServerTest, EchoesWhileItBeatsAndOnlyTheLeakingOneGrows) {
  group_.start_heartbeat(2ms);
  FrameClient client(server_->port());
  for (int frame = 0; group_.heartbeats() < 40; ++frame) {
    const std::string payload = "frame " + std::to_string(frame);
    ASSERT_EQ(client.echo(payload), payload);
  }
  if (GetParam() == std::string("pool")) {
    EXPECT_TRUE(wait_until([&] { return threads_.threads() >= 40; }));
  } else {
    EXPECT_EQ(threads_.threads(), 2U);
  }
}

TEST_P(FrameServerTest, TrafficCostsNoThreads) {
  FrameClient client(server_->port());
  ASSERT_EQ(client.echo("x"), "x");
  ASSERT_TRUE(wait_until([&] { return pool_.waiting() == 0; }));
  const auto before = threads_.threads();
  for (int frame = 0; frame < 2000; ++frame) ASSERT_EQ(client.echo("x"), "x");
  EXPECT_LE(threads_.threads(), before + 2);  // starts that were under way
}

TEST(FrameServer, SaysThatAPortIsInUse) {
  ThreadSource threads(8);
  const SchedulerFactory dedicated = [&](Executor& executor) {
    return std::make_unique<DedicatedTaskScheduler>(executor, 1, threads);
  };
  EventExecutorGroup group(1, dedicated);
  ServerCounters counters;
  const auto server = std::make_shared<FrameServer>(group, 0, 100, counters);
  EXPECT_THROW(std::make_shared<FrameServer>(group, server->port(), 100, counters),
               boost::system::system_error);
}

}  // namespace
}  // namespace executor
