#include "scenarios/redis_subscription/link.hpp"

#include <gtest/gtest.h>

#include "scenarios/redis_subscription/errors.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_subscription {
namespace {

using namespace std::chrono_literals;

class LinkTest : public testing::Test {
 protected:
  void lose() {
    redis_.stop();
    EXPECT_TRUE(wait_until([&] {
      link_.check();
      return !link_.is_up();
    }));
  }

  PrivateRedis redis_;
  WakeEvent never_;
  int losses_ = 0;
  Link link_{redis_.endpoint(), ConnectionKind::commands, Timeouts{}, never_,
             [this](const Link&, const std::string&) { ++losses_; }};
};

TEST_F(LinkTest, is_lost_once_and_says_so_to_every_command_until_it_is_back) {
  link_.connect();
  lose();
  EXPECT_THROW(link_.command({"PING"}), ConnectionLost);
  EXPECT_THROW(link_.command({"PING"}), ConnectionLost);
  EXPECT_EQ(losses_, 1);
  redis_.start();
  EXPECT_TRUE(wait_until([&] { return link_.retry(); }));
  EXPECT_EQ(link_.command({"PING"}).text, "PONG");
}

TEST_F(LinkTest, waits_longer_after_each_failure_and_forgets_them_once_it_is_up) {
  link_.connect();
  lose();
  for (const auto delay : {100ms, 200ms, 400ms}) {  // 50 ms after the loss itself
    const auto retry_at = link_.retry_at();
    Link::Clock::time_point tried;
    EXPECT_TRUE(wait_until([&] {
      tried = Link::Clock::now();
      return !link_.retry() && link_.retry_at() != retry_at;
    }));
    EXPECT_GE(link_.retry_at(), tried + delay);
  }
  redis_.start();
  EXPECT_TRUE(wait_until([&] { return link_.retry(); }));
  lose();
  EXPECT_LE(link_.retry_at(), Link::Clock::now() + 50ms);
}

}  // namespace
}  // namespace redis_subscription
