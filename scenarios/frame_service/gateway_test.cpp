#include "scenarios/frame_service/gateway.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "scenarios/executor/frame_client.hpp"
#include "scenarios/executor/server_process.hpp"
#include "scenarios/executor/test_support.hpp"
#include "scenarios/frame_service/frame_listener.hpp"

namespace frame_service {
namespace {

using namespace std::chrono_literals;
using executor::FrameClient;
using executor::ServerProcess;
using executor::wait_until;

class GatewayTest : public testing::TestWithParam<ClientGroups::Sharing> {
 protected:
  void SetUp() override {
    listener_.start();
    loop_ = std::thread([this] { io_.run(); });
  }
  void TearDown() override {
    io_.stop();
    loop_.join();
    groups_.end();  // their threads call the loop that goes first
  }

  static bool leaks() { return GetParam() == ClientGroups::Sharing::none; }

  void restart_upstream() {
    upstream_.reset();
    upstream_.emplace(std::vector<std::string>{"--listen", std::to_string(upstream_port_)});
    EXPECT_EQ(upstream_->read_port(), upstream_port_);
  }

  std::optional<ServerProcess> upstream_{std::vector<std::string>{"--listen", "0"}};
  const std::uint16_t upstream_port_ = upstream_->read_port();
  ClientGroups groups_{GetParam(), 2};
  boost::asio::io_context io_;
  FrameListener listener_{io_, 0, [this] {
                            const Upstream upstream{
                                .address = {boost::asio::ip::address_v4::loopback(), upstream_port_},
                                .pause = 1ms};
                            return pass_on(io_, upstream, groups_);
                          }};
  std::thread loop_;
};

INSTANTIATE_TEST_SUITE_P(Variants, GatewayTest,
                         testing::Values(ClientGroups::Sharing::all, ClientGroups::Sharing::none),
                         [](const auto& tested) {
                           return std::string(tested.param == ClientGroups::Sharing::all ? "fixed" : "leaky");
                         });

TEST_P(GatewayTest, PassesFramesOnInOrder) {
  FrameClient client(listener_.port());
  for (int frame = 0; frame < 20; ++frame) client.send(std::to_string(frame));
  for (int frame = 0; frame < 20; ++frame) EXPECT_EQ(client.receive(), std::to_string(frame));
}

TEST_P(GatewayTest, HasOneGroupForAllConnectionsOrOneForEachAsItLeaked) {
  FrameClient first(listener_.port());
  FrameClient second(listener_.port());
  EXPECT_EQ(first.echo("a"), "a");
  EXPECT_EQ(second.echo("b"), "b");
  EXPECT_EQ(groups_.groups(), leaks() ? 2U : 1U);
}

TEST_P(GatewayTest, ConnectsAgainAndOnlyTheLeakingOneNeedsMoreThreads) {
  FrameClient client(listener_.port());
  ASSERT_EQ(client.echo("before"), "before");
  const auto threads = executor::own_threads();
  const auto groups = groups_.groups();
  restart_upstream();
  EXPECT_TRUE(wait_until([&] { return client.echo("after") == "after"; }));
  if (leaks()) {
    EXPECT_GT(groups_.groups(), groups);
    EXPECT_GE(executor::own_threads(), threads + 3);
  } else {
    EXPECT_EQ(groups_.groups(), groups);
    EXPECT_LE(executor::own_threads(), threads + 2);  // the other loop of the group has started
  }
}

TEST_P(GatewayTest, AnswersWithAnErrorWhileTheUpstreamIsGone) {
  FrameClient client(listener_.port());
  ASSERT_EQ(client.echo("before"), "before");
  upstream_.reset();
  EXPECT_TRUE(wait_until([&] { return client.echo("after") == "error: the upstream is lost"; }));
}

TEST_P(GatewayTest, ForgetsClientsThatHaveGoneButNotTheGroupsThatLeaked) {
  ASSERT_EQ(FrameClient(listener_.port()).echo("x"), "x");
  ASSERT_EQ(FrameClient(listener_.port()).echo("x"), "x");  // both loops of a shared group have started
  const auto before = executor::own_descriptors();
  for (int round = 0; round < 10; ++round) EXPECT_EQ(FrameClient(listener_.port()).echo("x"), "x");
  if (leaks()) {
    EXPECT_EQ(groups_.groups(), 12U);
    EXPECT_GE(executor::own_descriptors(), before + 20);
  } else {
    EXPECT_TRUE(wait_until([&] { return executor::own_descriptors() <= before; }));
  }
}

}  // namespace
}  // namespace frame_service
