// The built service as its user runs it.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "scenarios/redis_subscription/child_process.hpp"
#include "scenarios/redis_subscription/connection_multiplexer.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/subscriber.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     std::filesystem::path(std::getenv("SOAKLINE_BIN")) / "redis_subscription");
    service_ = std::make_unique<ChildProcess>(std::move(arguments), redis_.directory() / "service.log");
  }

  void start_ready(const std::string& handlers = "once") {
    start({"--redis", redis_.address(), "--handlers", handlers});
    ASSERT_TRUE(wait_until([&] { return says("subscribed to orders\n"); })) << service_->output();
  }

  bool says(const std::string& text) const { return service_->output().find(text) != std::string::npos; }

  // Less than any time-out of the service: nothing it waits for may hold it up.
  std::optional<int> stops_by(int signal) {
    service_->signal(signal);
    return service_->wait(8s);
  }

  PrivateRedis redis_;
  std::unique_ptr<ChildProcess> service_;
};

class ProgramByEitherSignal : public Program, public testing::WithParamInterface<int> {};

TEST_P(ProgramByEitherSignal, ends_well) {
  start_ready();
  EXPECT_EQ(stops_by(GetParam()), 0) << service_->output();
}

INSTANTIATE_TEST_SUITE_P(Signals, ProgramByEitherSignal, testing::Values(SIGTERM, SIGINT));

TEST_F(Program, keeps_an_order_and_acknowledges_it) {
  start_ready();
  ConnectionMultiplexer listener({.endpoint = redis_.endpoint(), .timeouts = {}, .announce_channel = {}});
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  listener.subscribe("orders.ack", [&](const std::string&, const std::string& text) {
    const std::lock_guard lock(mutex);
    acknowledged.push_back(text);
  });
  redis_.command({"PUBLISH", "orders", "a cup"});
  redis_.command({"PUBLISH", "orders", "a cup"});
  const std::string key = Subscriber::key_of("a cup");
  const std::vector<std::string> expected{key + " 5 0", key + " 5 5"};
  EXPECT_TRUE(wait_until([&] {
    const std::lock_guard lock(mutex);
    return acknowledged == expected;
  }));
  EXPECT_EQ(redis_.command({"GET", key}).text, "a cup");
}

TEST_F(Program, outlives_a_restart_of_redis_and_goes_on) {
  start_ready();
  redis_.stop();
  ASSERT_TRUE(wait_until([&] { return says("failed: "); }));
  redis_.start();
  EXPECT_TRUE(wait_until([&] { return redis_.command({"PUBLISH", "orders", "a cup"}).integer == 1; }));
  EXPECT_TRUE(
      wait_until([&] { return says("connection for commands to " + redis_.address() + " restored"); }));
  EXPECT_EQ(stops_by(SIGTERM), 0);
}

TEST_F(Program, ends_at_once_though_it_waits_for_an_answer) {
  start_ready();
  ConnectionMultiplexer publisher({.endpoint = redis_.endpoint(), .timeouts = {}, .announce_channel = {}});
  // From the message on, every write waits: the service is in the middle of its SET.
  publisher.command({"MULTI"});
  publisher.command({"PUBLISH", "orders", "a cup"});
  publisher.command({"CLIENT", "PAUSE", "600000", "WRITE"});
  publisher.command({"EXEC"});
  ASSERT_TRUE(wait_until([&] {
    return redis_.command({"CLIENT", "LIST"}).text.find("cmd=set ") != std::string::npos;
  }));
  EXPECT_EQ(stops_by(SIGTERM), 0) << service_->output();
}

TEST_F(Program, calls_a_handler_for_each_access_that_registered_one) {
  start_ready("per-access");
  for (int i = 0; i < 4; ++i) redis_.command({"PUBLISH", "orders", "a cup"});
  ASSERT_TRUE(wait_until([&] {
    return redis_.command({"GET", Subscriber::key_of("a cup")}).text == "a cup";
  }));
  redis_.command({"PUBLISH", "__config", "after the orders, on the same connection"});
  ASSERT_TRUE(wait_until([&] { return says("configuration of"); }));
  EXPECT_EQ(stops_by(SIGTERM), 0);
  EXPECT_THAT(service_->output(), HasSubstr("handled 4 orders, 0 failed"));
  EXPECT_THAT(service_->output(), HasSubstr("configuration 5,"));  // one access at the start
}

TEST_F(Program, keeps_its_number_of_threads_and_descriptors) {
  start_ready();
  const auto in_proc = [&](const char* what) {
    const auto directory = std::filesystem::path("/proc") / std::to_string(service_->pid()) / what;
    return std::distance(std::filesystem::directory_iterator(directory), {});
  };
  const auto threads = in_proc("task");
  const auto descriptors = in_proc("fd");
  for (int i = 0; i < 100; ++i) redis_.command({"PUBLISH", "orders", std::to_string(i)});
  redis_.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  ASSERT_TRUE(
      wait_until([&] { return says("connection for subscription to " + redis_.address() + " restored"); }));
  EXPECT_EQ(in_proc("task"), threads);
  EXPECT_EQ(in_proc("fd"), descriptors);
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

class ProgramRefuses : public Program, public testing::WithParamInterface<Refusal> {};

TEST_P(ProgramRefuses, with_one_message_and_exit_code_2) {
  start(GetParam().arguments);
  EXPECT_EQ(service_->wait(8s), 2);
  EXPECT_THAT(service_->output(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Usage, ProgramRefuses,
    testing::Values(Refusal{"a_socket_that_is_not_there",
                            {"--redis", "unix:/nowhere/redis.sock"},
                            "cannot connect to unix:/nowhere/redis.sock: No such file or directory; start a "
                            "redis-server there or name another with --redis\n"},
                    Refusal{"a_port_nobody_listens_on",
                            {"--redis", "127.0.0.1:1"},
                            "cannot connect to 127.0.0.1:1: Connection refused"},
                    Refusal{"an_empty_connection_string",
                            {"--redis", ""},
                            "--redis: the redis connection string is empty"},
                    Refusal{"an_address_without_a_port", {"--redis", "localhost"}, "the port is missing"},
                    Refusal{"no_address", {}, "--redis is required"},
                    Refusal{"an_unknown_way_to_register",
                            {"--redis", "unix:/x", "--handlers", "twice"},
                            "--handlers: twice not in {once,per-access}"},
                    Refusal{"one_channel_for_two_things",
                            {"--redis", "unix:/x", "--channel", "__config"},
                            "--announce-channel: must differ from --channel; name another one"}),
    [](const auto& refusal) { return std::string(refusal.param.what); });

}  // namespace
}  // namespace redis_subscription
