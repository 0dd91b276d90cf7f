#include "scenarios/redis_client/bridge.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>

#include <boost/asio/local/stream_protocol.hpp>

#include "scenarios/redis_subscription/private_redis.hpp"

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using boost::asio::local::stream_protocol;

// Runs the loop until it holds; false if it does not within twenty seconds.
template <class Condition>
bool run_until(boost::asio::io_context& io, Condition holds) {
  const auto deadline = Clock::now() + 20s;
  while (!holds() && Clock::now() < deadline) io.run_one_for(100ms);
  return holds();
}

std::ptrdiff_t own_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

class BridgeTest : public testing::Test {
 protected:
  void keep_up(const Endpoint& endpoint, GivingUp giving_up) {
    bridge_.emplace(
        io_, BridgeOptions{.endpoint = endpoint, .heartbeat = 1ms, .timeout = 50ms, .giving_up = giving_up});
    bridge_->start();
  }

  bool comes_to_attempts(std::size_t attempts) {
    return run_until(io_, [&] { return bridge_->attempts() == attempts; });
  }

  boost::asio::io_context io_;
  std::optional<Bridge> bridge_;
};

// A kernel that accepts for a server that never does.
class BridgeToASilentServer : public BridgeTest {
 protected:
  void keep_up_to_silence(GivingUp giving_up) {
    keep_up({.socket_path = path_, .host = {}, .port = 0}, giving_up);
    EXPECT_TRUE(comes_to_attempts(2));
  }

  redis_subscription::TemporaryDirectory directory_;
  const std::string path_ = directory_.path() / "silent.sock";
  boost::asio::io_context other_;
  stream_protocol::acceptor silent_{other_, stream_protocol::endpoint(path_)};
};

TEST_F(BridgeToASilentServer, keeps_one_descriptor_however_often_it_tries) {
  keep_up_to_silence(GivingUp::closes);
  const auto before = own_descriptors();
  EXPECT_TRUE(comes_to_attempts(12));
  EXPECT_LE(own_descriptors(), before);
}

TEST_F(BridgeToASilentServer, keeps_one_more_for_each_attempt_as_it_leaked) {
  keep_up_to_silence(GivingUp::forgets);
  const auto before = own_descriptors();
  EXPECT_TRUE(comes_to_attempts(12));
  EXPECT_EQ(own_descriptors(), before + 10);
}

class BridgeToRedis : public BridgeTest, public testing::WithParamInterface<GivingUp> {
 protected:
  redis_subscription::PrivateRedis redis_;
};

TEST_P(BridgeToRedis, closes_the_established_connection_that_falls_silent) {
  keep_up(redis_.endpoint(), GetParam());
  ASSERT_TRUE(run_until(io_, [&] { return bridge_->is_established(); }));
  const auto before = own_descriptors();
  redis_.freeze();
  EXPECT_TRUE(comes_to_attempts(2));
  EXPECT_LE(own_descriptors(), before);
}

TEST_P(BridgeToRedis, is_established_again_after_a_restart) {
  keep_up(redis_.endpoint(), GetParam());
  ASSERT_TRUE(run_until(io_, [&] { return bridge_->is_established(); }));
  redis_.stop();
  ASSERT_TRUE(run_until(io_, [&] { return !bridge_->is_established(); }));
  redis_.start();
  EXPECT_TRUE(run_until(io_, [&] { return bridge_->is_established(); }));
}

INSTANTIATE_TEST_SUITE_P(Variants, BridgeToRedis, testing::Values(GivingUp::closes, GivingUp::forgets),
                         [](const auto& tested) {
                           return std::string(tested.param == GivingUp::closes ? "fixed" : "leaky");
                         });

}  // namespace
}  // namespace redis_client
