#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "scenarios/executor/frame_client.hpp"
#include "scenarios/executor/server_process.hpp"
#include "scenarios/executor/test_support.hpp"

namespace executor {
namespace {

using testing::HasSubstr;

class ExecutorProgram : public testing::TestWithParam<const char*> {
 protected:
  static std::vector<std::string> quick(const std::string& max_threads) {
    return {"--scheduler",       GetParam(),   "--heartbeat",   "8.6s/4000",
            "--inject-interval", "500ms/1000", "--max-threads", max_threads};
  }
  static bool leaks() { return GetParam() != std::string("dedicated"); }
};

std::string name_of_scheduler(const testing::TestParamInfo<const char*>& tested) {
  const std::string name = tested.param;
  return name == "long-running" ? "long_running" : name;
}

INSTANTIATE_TEST_SUITE_P(Schedulers, ExecutorProgram, testing::Values("dedicated", "pool", "long-running"),
                         name_of_scheduler);

TEST_P(ExecutorProgram, GrowsThreadsWhenIdleOnlyIfItLeaks) {
  ServerProcess server(quick("500"));
  ASSERT_NE(server.read_port(), 0);
  const auto before = threads_of(server.pid());
  EXPECT_GE(before, 3U);  // main and two executors
  if (leaks()) {
    EXPECT_TRUE(wait_until([&] { return threads_of(server.pid()) >= before + 60; }));
  } else {
    const auto woken = times_woken(server.pid());  // by its heartbeats, as nothing else happens
    EXPECT_TRUE(wait_until([&] {
      EXPECT_EQ(threads_of(server.pid()), before);
      return times_woken(server.pid()) >= woken + 100;
    }));
  }
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_THAT(server.output(), HasSubstr("stopped after 0 frames, 0 connections"));
}

TEST_P(ExecutorProgram, EchoesAndStopsGracefullyOnEitherSignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    ServerProcess server(quick("500"));
    FrameClient client(server.read_port());
    for (int frame = 0; frame < 50; ++frame)
      EXPECT_EQ(client.echo(std::to_string(frame)), std::to_string(frame));
    server.send_signal(signal);
    EXPECT_EQ(server.wait(), 0);
    EXPECT_THAT(server.output(), HasSubstr("stopped after 50 frames, 1 connections"));
    EXPECT_EQ(server.errors(), "");
  }
}

class LeakingExecutorProgram : public ExecutorProgram {};

INSTANTIATE_TEST_SUITE_P(Schedulers, LeakingExecutorProgram, testing::Values("pool", "long-running"),
                         name_of_scheduler);

TEST_P(LeakingExecutorProgram, EndsWithAMessageAtTheMaximumOfThreads) {
  ServerProcess server(quick("20"));
  EXPECT_NE(server.read_port(), 0);
  EXPECT_EQ(server.wait(), 3);
  EXPECT_EQ(
      server.errors(),
      "executor: out of threads: thread 21 of the task schedulers is needed, but --max-threads is 20\n");
}

// A sanitizer's shadow does not fit in a limited address space.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_P(LeakingExecutorProgram, EndsWithAMessageWhenTheSystemRefusesAThread) {
  ServerProcess server(quick("1000"), std::size_t{1} << 30);
  EXPECT_NE(server.read_port(), 0);
  EXPECT_EQ(server.wait(), 3);
  EXPECT_THAT(server.errors(), HasSubstr("executor: out of threads: the system refused thread "));
}
#endif

TEST(ExecutorProgramUsage, DedicatedThreadsOverTheMaximumAreRefusedAtTheStart) {
  ServerProcess server({"--executors", "4", "--max-threads", "3"});
  EXPECT_EQ(server.wait(), 3);
  EXPECT_THAT(server.errors(), HasSubstr("--max-threads is 3"));
}

TEST(ExecutorProgramUsage, StopsThoughNoWorkerOfThePoolIsDueYet) {
  ServerProcess server({"--scheduler", "pool", "--executors", "4", "--inject-interval", "1h"});
  ASSERT_NE(server.read_port(), 0);
  server.send_signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

TEST(ExecutorProgramUsage, APortInUseIsOneMessageThatNamesItAndTheFix) {
  ServerProcess first({});
  const auto port = std::to_string(first.read_port());
  ServerProcess second({"--listen", port});
  EXPECT_EQ(second.wait(), 2);
  EXPECT_EQ(second.errors(), "executor: --listen: port " + port +
                                 " on 127.0.0.1 is in use; choose another, or 0 for any free one\n");
  EXPECT_EQ(second.output(), "");
}

TEST(ExecutorProgramUsage, ErrorsAreOneLineAndExitWithTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--scheduler", "fast"}, {"--listen", "-1"}, {"--heartbeat", "0s"},
      {"--inject-interval"},   {"--bogus"},        {"stray"}};
  for (const auto& arguments : wrong) {
    ServerProcess server(arguments);
    EXPECT_EQ(server.wait(), 2) << arguments[0];
    const auto errors = server.errors();
    EXPECT_THAT(errors, testing::StartsWith("executor: ")) << arguments[0];
    EXPECT_EQ(errors.find('\n'), errors.size() - 1) << errors;
  }
}

TEST(ExecutorProgramUsage, HelpExitsWithZero) {
  ServerProcess server({"--help"});
  EXPECT_EQ(server.wait(), 0);
  EXPECT_THAT(server.output(), HasSubstr("--inject-interval"));
}

}  // namespace
}  // namespace executor
