// The built program as its user runs it.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "scenarios/redis_subscription/child_process.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using redis_subscription::wait_until;
using testing::HasSubstr;

class RedisClientProgram : public testing::Test {
 protected:
  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), std::filesystem::path(std::getenv("SOAKLINE_BIN")) / "redis_client");
    client_ = std::make_unique<redis_subscription::ChildProcess>(std::move(arguments),
                                                                 redis_.directory() / "client.log");
  }

  bool says(const std::string& text) const {
    return wait_until([&] { return client_->output().find(text) != std::string::npos; });
  }

  void stop() {
    client_->signal(SIGTERM);
    EXPECT_EQ(client_->wait(8s), 0) << client_->output();
  }

  redis_subscription::PrivateRedis redis_;
  std::unique_ptr<redis_subscription::ChildProcess> client_;
};

class RedisClientVariants : public RedisClientProgram, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Variants, RedisClientVariants, testing::Values("fixed", "leaky"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(RedisClientVariants, keeps_a_connection) {
  start({"connections", "--redis", redis_.address(), "--variant", GetParam(), "--heartbeat", "1ms"});
  ASSERT_TRUE(says("keeping a connection\n"));
  EXPECT_TRUE(wait_until([&] {
    return redis_.command({"CLIENT", "LIST"}).text.find("cmd=ping") != std::string::npos;
  }));
  stop();
  EXPECT_THAT(client_->output(), HasSubstr("made 1 attempts to connect\n"));
}

TEST_P(RedisClientVariants, logs_orders) {
  start({"backlog", "--redis", redis_.address(), "--log", redis_.address(), "--variant", GetParam()});
  ASSERT_TRUE(says("logging orders\n"));
  redis_.command({"PUBLISH", "orders", "a cup"});
  EXPECT_TRUE(wait_until([&] { return redis_.command({"GET", "log:0"}).text == "a cup"; }));
  stop();
  EXPECT_THAT(client_->output(), HasSubstr("logged 1 orders: 1 written, 0 kept, 0 failed\n"));
}

TEST_P(RedisClientVariants, listens_for_orders_and_their_cancellations) {
  start({"unsubscribe", "--redis", redis_.address(), "--variant", GetParam()});
  ASSERT_TRUE(says("handling orders\n"));
  EXPECT_EQ(redis_.command({"PUBLISH", "orders", "a cup"}).integer, 1);
  EXPECT_EQ(redis_.command({"PUBLISH", "cancellations", "a cup"}).integer, 1);
  stop();
  EXPECT_THAT(client_->output(), HasSubstr("handled 0 orders, 0 cancelled, "));  // it takes ten seconds
}

TEST_P(RedisClientVariants, reads_a_channel_and_reads_on_when_it_was_lost) {
  start({"readers", "--redis", redis_.address(), "--variant", GetParam()});
  ASSERT_TRUE(says("reading orders\n"));
  const auto reads = [&] { return redis_.command({"PUBLISH", "orders", "a cup"}).integer == 1; };
  EXPECT_TRUE(wait_until(reads));
  redis_.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  EXPECT_TRUE(wait_until(reads));
  stop();
  // The second may not have been counted yet.
  EXPECT_THAT(client_->output(), testing::ContainsRegex("orders on [12] connections, with [12] readers\n"));
}

struct Refusal {
  const char* what;
  std::vector<std::string> arguments;
  const char* message;
};

// Otherwise a test's name shows addresses, new ones in every run.
void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.what;
}

class RedisClientRefuses : public RedisClientProgram, public testing::WithParamInterface<Refusal> {};

TEST_P(RedisClientRefuses, with_one_line_and_exit_code_2) {
  start(GetParam().arguments);
  EXPECT_EQ(client_->wait(8s), 2);
  const std::string output = client_->output();
  EXPECT_THAT(output, HasSubstr(GetParam().message));
  EXPECT_EQ(output.find('\n'), output.size() - 1) << output;
}

INSTANTIATE_TEST_SUITE_P(
    Usage, RedisClientRefuses,
    testing::Values(
        Refusal{"no_work", {}, "subcommand is required"},
        Refusal{"no_redis", {"connections"}, "--redis is required"},
        Refusal{"no_address", {"connections", "--redis", "localhost"}, "--redis: 'localhost'"},
        Refusal{"a_duration_without_a_unit",
                {"connections", "--redis", "unix:/x", "--timeout", "5"},
                "--timeout: '5' has no unit"},
        Refusal{"an_unknown_variant", {"readers", "--redis", "unix:/x", "--variant", "slow"}, "slow not in"},
        Refusal{"no_log", {"backlog", "--redis", "unix:/x"}, "--log is required"},
        Refusal{"a_redis_that_is_not_there",
                {"backlog", "--redis", "unix:/nowhere/redis.sock", "--log", "unix:/x"},
                "start a redis-server there"}),
    [](const auto& refusal) { return std::string(refusal.param.what); });

}  // namespace
}  // namespace redis_client
