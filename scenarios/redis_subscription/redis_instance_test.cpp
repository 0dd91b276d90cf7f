#include "scenarios/redis_subscription/redis_instance.hpp"

#include <barrier>
#include <set>
#include <thread>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/service_fixture.hpp"

namespace redis_subscription {
namespace {

class RedisInstance : public ServiceFixture {
 protected:
  PrivateRedis redis_;
};

TEST_F(RedisInstance, throws_for_an_empty_connection_string) {
  use("");
  EXPECT_THROW(redis_instance(), std::invalid_argument);
  EXPECT_EQ(redis_instances_created(), 0U);
}

TEST_F(RedisInstance, throws_when_nobody_listens_and_works_once_somebody_does) {
  redis_.stop();
  use(redis_.address());
  EXPECT_THROW(redis_instance(), ConnectionLost);
  redis_.start();
  EXPECT_EQ(redis_instance().command({"PING"}).text, "PONG");
}

TEST_F(RedisInstance, is_created_once_by_many_threads_at_once) {
  constexpr int threads = 16;
  use(redis_.address());
  std::barrier together(threads);
  std::vector<ConnectionMultiplexer*> seen(threads);
  {
    std::vector<std::jthread> running;
    running.reserve(threads);
    for (auto& instance : seen) {
      running.emplace_back([&] {
        together.arrive_and_wait();
        instance = &redis_instance();
      });
    }
  }
  EXPECT_EQ(redis_instances_created(), 1U);
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 1U);
  EXPECT_EQ(redis_instance().events().handlers(), 6U);
}

TEST_F(RedisInstance, has_six_handlers_however_often_it_is_accessed) {
  use(redis_.address(), Registration::once);
  for (int i = 0; i < 100; ++i) redis_instance();
  EXPECT_EQ(redis_instance().events().handlers(), 6U);
}

TEST_F(RedisInstance, gets_six_more_handlers_on_every_access_as_it_leaked) {
  use(redis_.address(), Registration::per_access);
  for (int i = 0; i < 99; ++i) redis_instance();
  Events& events = redis_instance().events();
  EXPECT_EQ(events.handlers(), 600U);
  EXPECT_EQ(events.connection_failed.num_slots(), 100U);
  EXPECT_EQ(events.connection_restored.num_slots(), 100U);
  EXPECT_EQ(events.internal_error.num_slots(), 100U);
}

TEST_F(RedisInstance, is_accessed_exactly_once_for_a_message) {
  use(redis_.address(), Registration::per_access);
  serve();
  for (int i = 0; i < 10; ++i) redis_.command({"PUBLISH", "orders", "a cup"});
  EXPECT_TRUE(wait_until([&] { return subscriber_.handled() == 10; }));
  // One access by serve(), ten by messages, one here.
  EXPECT_EQ(redis_instance().events().handlers(), 6U * 12U);
}

TEST_F(RedisInstance, that_is_disconnected_is_not_replaced) {
  use(redis_.address());
  ConnectionMultiplexer* const before = &redis_instance();
  redis_.stop();
  EXPECT_TRUE(wait_until([&] { return !before->is_connected(); }));
  EXPECT_EQ(&redis_instance(), before);
  EXPECT_EQ(redis_instances_created(), 1U);
}

}  // namespace
}  // namespace redis_subscription
