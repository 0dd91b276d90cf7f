#include "scenarios/redis_client/backlog.hpp"

#include <gtest/gtest.h>

#include "scenarios/redis_client/log_writer.hpp"
#include "scenarios/redis_subscription/private_redis.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_client {
namespace {

Command set(const std::string& key, const std::string& value) {
  return {.name = "SET", .key = key, .value = value};
}

void push_numbers(Backlog& backlog, int count) {
  for (int number = 0; number < count; ++number) backlog.push(set("last", std::to_string(number)));
}

TEST(Backlog, gives_its_commands_out_in_order) {
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  push_numbers(backlog, 2);
  EXPECT_EQ(backlog.take()->value, "0");
  EXPECT_EQ(backlog.take()->value, "1");
}

TEST(Backlog, fails_the_oldest_where_it_is_full) {
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  push_numbers(backlog, 100);
  EXPECT_EQ(backlog.size(), 10U);
  EXPECT_EQ(backlog.failed(), 90U);
  EXPECT_EQ(backlog.take()->value, "90");
}

TEST(Backlog, keeps_all_as_it_leaked) {
  Backlog backlog(Backlog::Bound::none, 10);
  push_numbers(backlog, 100);
  EXPECT_EQ(backlog.size(), 100U);
  EXPECT_EQ(backlog.failed(), 0U);
}

TEST(Backlog, has_what_was_put_back_first) {
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  push_numbers(backlog, 2);
  backlog.put_back(*backlog.take());
  EXPECT_EQ(backlog.take()->value, "0");
}

TEST(Backlog, gives_nothing_out_once_closed) {
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  push_numbers(backlog, 2);
  backlog.close();
  EXPECT_FALSE(backlog.take());
}

TEST(LogWriter, writes_what_was_kept_once_redis_is_back) {
  redis_subscription::PrivateRedis redis;
  redis.stop();
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  const LogWriter writer(redis.endpoint(), backlog);
  push_numbers(backlog, 5);
  redis.start();
  EXPECT_TRUE(redis_subscription::wait_until([&] { return writer.written() == 5; }));
  EXPECT_EQ(redis.command({"GET", "last"}).text, "4");
  EXPECT_EQ(backlog.size(), 0U);
}

TEST(LogWriter, writes_again_what_was_under_way_when_redis_went) {
  redis_subscription::PrivateRedis redis;
  Backlog backlog(Backlog::Bound::oldest_fails, 10);
  const LogWriter writer(redis.endpoint(), backlog);
  push_numbers(backlog, 1);
  EXPECT_TRUE(redis_subscription::wait_until([&] { return writer.written() == 1; }));
  redis.stop();
  backlog.push(set("last", "after"));
  redis.start();
  EXPECT_TRUE(redis_subscription::wait_until([&] { return writer.written() == 2; }));
  EXPECT_EQ(redis.command({"GET", "last"}).text, "after");
}

TEST(LogWriter, ends_though_nobody_listens) {
  Backlog backlog(Backlog::Bound::none, 10);
  const LogWriter writer({.socket_path = "/nowhere/redis.sock", .host = {}, .port = 0}, backlog);
  push_numbers(backlog, 5);
}

}  // namespace
}  // namespace redis_client
