#include "scenarios/redis_client/reading_client.hpp"

#include <gtest/gtest.h>

#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_client {
namespace {

using redis_subscription::wait_until;

class ReadingClientTest : public testing::TestWithParam<LostReaders> {
 protected:
  bool comes_to_connections(std::uint64_t connections) const {
    return wait_until([&] { return client_.connections() == connections; });
  }

  redis_subscription::PrivateRedis redis_;
  ReadingClient client_{redis_.endpoint(), "orders", GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Variants, ReadingClientTest, testing::Values(LostReaders::ended, LostReaders::kept),
                         [](const auto& tested) {
                           return std::string(tested.param == LostReaders::ended ? "fixed" : "leaky");
                         });

TEST_P(ReadingClientTest, has_one_reader_or_one_for_each_connection_as_it_leaked) {
  ASSERT_TRUE(comes_to_connections(1));
  for (std::uint64_t connections = 2; connections <= 5; ++connections) {
    redis_.command({"CLIENT", "KILL", "TYPE", "pubsub"});
    ASSERT_TRUE(comes_to_connections(connections));
  }
  EXPECT_EQ(client_.readers(), GetParam() == LostReaders::ended ? 1U : 5U);
}

TEST_P(ReadingClientTest, reads_on_after_a_restart_of_redis) {
  ASSERT_TRUE(comes_to_connections(1));
  redis_.stop();
  redis_.start();
  ASSERT_TRUE(comes_to_connections(2));
  redis_.command({"PUBLISH", "orders", "a cup"});
  EXPECT_TRUE(wait_until([&] { return client_.messages() == 1; }));
}

TEST_P(ReadingClientTest, ends_though_redis_is_gone) {
  ASSERT_TRUE(comes_to_connections(1));
  redis_.stop();
}

}  // namespace
}  // namespace redis_client
