// Each of the six events, raised by its real cause on a real redis-server.
#include "scenarios/redis_subscription/events.hpp"

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/service_fixture.hpp"

namespace redis_subscription {
namespace {

class SixEvents : public ServiceFixture {
 protected:
  PrivateRedis redis_;
};

TEST_F(SixEvents, a_killed_connection_fails_and_its_return_is_restored) {
  use(redis_.address());
  redis_instance();
  redis_.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(come_to_be_called({.connection_failed = 1, .connection_restored = 1}));
  EXPECT_EQ(redis_instance().command({"PING"}).text, "PONG");
}

TEST_F(SixEvents, an_error_reply_is_an_error_message) {
  use(redis_.address());
  serve();
  const std::string order = "a cup";
  redis_.command({"LPUSH", Subscriber::key_of(order), "no text"});
  redis_.command({"PUBLISH", "orders", order});
  EXPECT_TRUE(come_to_be_called({.error_message = 1}));
  EXPECT_TRUE(wait_until([&] { return subscriber_.failed() == 1; }));
}

TEST_F(SixEvents, a_change_announced_on_the_channel_changes_the_configuration) {
  use(redis_.address());
  redis_instance();
  redis_.command({"PUBLISH", "__config", "a new replica"});
  EXPECT_TRUE(come_to_be_called({.configuration_changed = 1}));
}

TEST_F(SixEvents, an_exception_of_a_message_handler_is_an_internal_error_and_the_next_message_is_handled) {
  use(redis_.address());
  serve();
  redis_.command({"PUBLISH", "orders", ""});
  EXPECT_TRUE(come_to_be_called({.internal_error = 1}));
  redis_.command({"PUBLISH", "orders", "a cup"});
  EXPECT_TRUE(wait_until([&] { return subscriber_.handled() == 1; }));
}

TEST_F(SixEvents, an_exception_of_an_event_handler_is_an_internal_error) {
  use(redis_.address());
  redis_instance().events().configuration_changed.connect(
      [](const ConfigurationEvent&) { throw std::runtime_error("a bug"); });
  redis_.command({"PUBLISH", "__config", "a new replica"});
  EXPECT_TRUE(come_to_be_called({.configuration_changed = 1, .internal_error = 1}));
}

TEST_F(SixEvents, a_refused_subscription_is_an_error_message_and_throws) {
  use(redis_.address());
  redis_instance();
  redis_.command({"ACL", "SETUSER", "default", "resetchannels", "&__config"});
  EXPECT_THROW(serve(), ServerError);
  EXPECT_TRUE(come_to_be_called({.error_message = 1}));
}

TEST_F(SixEvents, one_lost_connection_calls_as_many_handlers_as_there_were_accesses) {
  constexpr std::uint64_t accesses = 50;
  use(redis_.address(), Registration::per_access);
  for (std::uint64_t i = 0; i < accesses; ++i) redis_instance();
  redis_.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(come_to_be_called({.connection_failed = accesses, .connection_restored = accesses}));
}

class HashSlots : public ServiceFixture {
 protected:
  PrivateCluster cluster_ = start_cluster();
};

// "foo" lies in slot 12182: the second node's.
TEST_F(HashSlots, a_moved_reply_is_followed_and_the_slot_remembered) {
  use(cluster_.lower->address());
  redis_instance().command({"SET", "foo", "bar"});
  EXPECT_TRUE(come_to_be_called({.hash_slot_moved = 1}));
  EXPECT_EQ(cluster_.upper->command({"GET", "foo"}).text, "bar");
  EXPECT_EQ(redis_instance().command({"GET", "foo"}).text, "bar");
  EXPECT_TRUE(come_to_be_called({.hash_slot_moved = 1}));
}

TEST_F(HashSlots, are_learnt_anew_after_a_change_of_the_configuration) {
  use(cluster_.lower->address());
  redis_instance().command({"SET", "foo", "bar"});
  cluster_.lower->command({"PUBLISH", "__config", "the slots are elsewhere"});
  EXPECT_TRUE(come_to_be_called({.configuration_changed = 1, .hash_slot_moved = 1}));
  EXPECT_EQ(redis_instance().command({"GET", "foo"}).text, "bar");
  EXPECT_TRUE(come_to_be_called({.configuration_changed = 1, .hash_slot_moved = 2}));
}

TEST_F(HashSlots, of_a_node_that_was_lost_are_asked_for_again) {
  use(cluster_.lower->address());
  redis_instance().command({"SET", "foo", "bar"});
  cluster_.upper->command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(come_to_be_called({.connection_failed = 1, .hash_slot_moved = 1}));
  EXPECT_EQ(redis_instance().command({"GET", "foo"}).text, "bar");
  EXPECT_TRUE(come_to_be_called({.connection_failed = 1, .hash_slot_moved = 2}));
}

}  // namespace
}  // namespace redis_subscription
