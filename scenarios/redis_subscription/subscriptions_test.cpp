#include "scenarios/redis_subscription/subscriptions.hpp"

#include <gmock/gmock.h>

#include "scenarios/redis_subscription/backoff.hpp"
#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/push.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const MessageHandler ignore = [](const std::string&, const std::string&) {};

TEST(Subscriptions, are_asked_for_once_a_connection) {
  Subscriptions subscriptions;
  subscriptions.add("orders", ignore);
  EXPECT_THAT(subscriptions.take_unsent(), ElementsAre("orders"));
  EXPECT_THAT(subscriptions.take_unsent(), IsEmpty());
  subscriptions.confirmed("orders");
  subscriptions.connection_lost();
  EXPECT_THAT(subscriptions.take_unsent(), ElementsAre("orders"));
}

TEST(Subscriptions, that_are_refused_end_the_wait_with_the_servers_words) {
  Subscriptions subscriptions;
  subscriptions.add("orders", ignore);
  subscriptions.take_unsent();
  subscriptions.refused("NOPERM");
  EXPECT_THROW(subscriptions.wait_until_confirmed("orders", 0ms), ServerError);
  EXPECT_EQ(subscriptions.handler("orders"), nullptr);
}

TEST(Subscriptions, that_once_worked_outlive_a_refusal) {
  Subscriptions subscriptions;
  subscriptions.add("orders", ignore);
  subscriptions.take_unsent();
  subscriptions.confirmed("orders");
  subscriptions.connection_lost();
  subscriptions.take_unsent();
  subscriptions.refused("NOPERM");
  subscriptions.connection_lost();
  EXPECT_THAT(subscriptions.take_unsent(), ElementsAre("orders"));
}

TEST(Subscriptions, that_nobody_confirms_end_the_wait_at_its_time) {
  Subscriptions subscriptions;
  subscriptions.add("orders", ignore);
  EXPECT_THROW(subscriptions.wait_until_confirmed("orders", 1ms), ConnectionLost);
}

Reply array(std::vector<std::string> words) {
  Reply reply{.kind = Reply::Kind::array, .text = {}, .integer = 0, .items = {}};
  for (auto& word : words) {
    reply.items.push_back({.kind = Reply::Kind::text, .text = std::move(word), .integer = 0, .items = {}});
  }
  return reply;
}

TEST(Push, is_a_message_a_confirmation_an_error_or_a_surprise) {
  const Push message = read_push(array({"message", "orders", "a cup"}));
  EXPECT_EQ(message.kind, Push::Kind::message);
  EXPECT_EQ(message.channel, "orders");
  EXPECT_EQ(message.text, "a cup");
  EXPECT_EQ(read_push(array({"subscribe", "orders", "1"})).kind, Push::Kind::subscribed);
  EXPECT_EQ(read_push(array({"unsubscribe", "orders", "0"})).kind, Push::Kind::surprise);
  EXPECT_EQ(read_push(array({"message"})).kind, Push::Kind::surprise);
  EXPECT_EQ(read_push(Reply{}).kind, Push::Kind::surprise);
  const Reply refusal{.kind = Reply::Kind::error, .text = "NOPERM", .integer = 0, .items = {}};
  EXPECT_EQ(read_push(refusal).text, "NOPERM");
}

TEST(Backoff, doubles_up_to_its_longest_and_starts_again_after_a_success) {
  Backoff backoff(50ms, 150ms);
  EXPECT_EQ(backoff.failed(), 50ms);
  EXPECT_EQ(backoff.failed(), 100ms);
  EXPECT_EQ(backoff.failed(), 150ms);
  EXPECT_EQ(backoff.failed(), 150ms);
  backoff.succeeded();
  EXPECT_EQ(backoff.failed(), 50ms);
}

}  // namespace
}  // namespace redis_subscription
