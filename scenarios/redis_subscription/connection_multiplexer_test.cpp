#include "scenarios/redis_subscription/connection_multiplexer.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;

class Multiplexer : public testing::Test {
 protected:
  void connect(Timeouts timeouts = {}) {
    multiplexer_ = std::make_unique<ConnectionMultiplexer>(
        MultiplexerOptions{.endpoint = redis_.endpoint(), .timeouts = timeouts, .announce_channel = {}});
  }

  void count_messages() {
    multiplexer_->subscribe("orders", [this](const std::string&, const std::string&) { ++received_; });
  }

  // Publishes until one arrives: a message is lost while nobody is subscribed.
  bool messages_arrive_again() {
    const int before = received_;
    return wait_until([&] {
      redis_.command({"PUBLISH", "orders", "a cup"});
      return received_ > before;
    });
  }

  PrivateRedis redis_;
  std::atomic<int> received_{0};
  std::unique_ptr<ConnectionMultiplexer> multiplexer_;
};

TEST_F(Multiplexer, receives_every_message_in_order) {
  std::mutex mutex;
  std::vector<int> numbers;
  connect();
  multiplexer_->subscribe("orders", [&](const std::string&, const std::string& text) {
    const std::lock_guard lock(mutex);
    numbers.push_back(std::stoi(text));
  });
  std::vector<int> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back(i);
    multiplexer_->command({"PUBLISH", "orders", std::to_string(i)});
  }
  EXPECT_TRUE(wait_until([&] {
    const std::lock_guard lock(mutex);
    return numbers == expected;
  }));
}

TEST_F(Multiplexer, subscriptions_survive_a_killed_connection) {
  connect();
  count_messages();
  redis_.command({"CLIENT", "KILL", "TYPE", "pubsub"});
  EXPECT_TRUE(messages_arrive_again());
}

TEST_F(Multiplexer, subscriptions_and_commands_survive_a_restart_of_the_server) {
  connect();
  count_messages();
  redis_.stop();
  EXPECT_TRUE(wait_until([&] { return !multiplexer_->is_connected(); }));
  EXPECT_THROW(multiplexer_->command({"PING"}), ConnectionLost);
  redis_.start();
  EXPECT_TRUE(messages_arrive_again());
  EXPECT_TRUE(wait_until([&] { return multiplexer_->is_connected(); }));
  EXPECT_EQ(multiplexer_->command({"PING"}).text, "PONG");
}

TEST_F(Multiplexer, a_message_handler_can_subscribe) {
  connect();
  std::atomic<bool> failed{false};
  multiplexer_->events().internal_error.connect([&](const InternalErrorEvent&) { failed = true; });
  multiplexer_->subscribe("first", [this](const std::string&, const std::string&) { count_messages(); });
  redis_.command({"PUBLISH", "first", ""});
  EXPECT_TRUE(messages_arrive_again());
  EXPECT_FALSE(failed);
}

TEST_F(Multiplexer, answers_each_of_many_threads_with_its_own_reply) {
  connect();
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int id = 0; id < 4; ++id) {
      threads.emplace_back([&, id] {
        const std::string text = std::to_string(id);
        for (int i = 0; i < 200; ++i) wrong += multiplexer_->command({"ECHO", text}).text == text ? 0 : 1;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(Multiplexer, a_server_that_answers_no_more_is_lost_at_the_sync_timeout) {
  connect({.connect = 10s, .sync = 100ms});
  redis_.freeze();
  try {
    multiplexer_->command({"PING"});
    FAIL() << "a frozen server has answered";
  } catch (const ConnectionLost& loss) {
    EXPECT_THAT(loss.what(), testing::HasSubstr("no answer within 100 ms"));
  }
}

TEST_F(Multiplexer, closing_ends_a_command_that_waits) {
  connect({.connect = 10s, .sync = 10min});
  redis_.freeze();
  std::jthread waiting([&] { EXPECT_THROW(multiplexer_->command({"PING"}), ConnectionLost); });
  multiplexer_->close();
}

TEST_F(Multiplexer, names_the_endpoint_it_cannot_connect_to) {
  redis_.stop();
  try {
    connect();
    FAIL() << "connected to nothing";
  } catch (const ConnectionLost& loss) {
    EXPECT_THAT(loss.what(), testing::HasSubstr("cannot connect to " + redis_.address()));
  }
}

}  // namespace
}  // namespace redis_subscription
