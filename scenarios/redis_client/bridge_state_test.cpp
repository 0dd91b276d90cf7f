#include "scenarios/redis_client/bridge_state.hpp"

#include <gtest/gtest.h>

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using Action = BridgeState::Action;
using State = BridgeState::State;

class BridgeStateTest : public testing::Test {
 protected:
  Time at(Duration since_start) const { return Time{} + since_start; }

  BridgeState state_{5s};
};

TEST_F(BridgeStateTest, connects_at_its_first_heartbeat_and_waits) {
  EXPECT_EQ(state_.heartbeat(at(0s)), Action::connect);
  EXPECT_EQ(state_.heartbeat(at(1s)), Action::none);
  EXPECT_EQ(state_.state(), State::connecting);
}

TEST_F(BridgeStateTest, is_established_by_an_answer_only) {
  state_.heartbeat(at(0s));
  state_.connected(at(1s));
  EXPECT_EQ(state_.state(), State::establishing);
  state_.answered();
  EXPECT_EQ(state_.state(), State::established);
}

TEST_F(BridgeStateTest, gives_up_what_does_not_answer_and_connects_at_the_next_heartbeat) {
  state_.heartbeat(at(0s));
  state_.connected(at(1s));
  EXPECT_EQ(state_.heartbeat(at(5s)), Action::none) << "the answer is waited for since it was connected";
  EXPECT_EQ(state_.heartbeat(at(6s)), Action::give_up);
  EXPECT_EQ(state_.heartbeat(at(7s)), Action::connect);
}

TEST_F(BridgeStateTest, asks_again_once_it_is_answered_and_not_before) {
  state_.heartbeat(at(0s));
  state_.connected(at(1s));
  state_.answered();
  EXPECT_EQ(state_.heartbeat(at(2s)), Action::keep_alive);
  EXPECT_EQ(state_.heartbeat(at(3s)), Action::none);
  state_.answered();
  EXPECT_EQ(state_.heartbeat(at(60s)), Action::keep_alive);
  EXPECT_EQ(state_.heartbeat(at(65s)), Action::give_up);
}

TEST_F(BridgeStateTest, connects_again_after_a_loss) {
  state_.heartbeat(at(0s));
  state_.connected(at(1s));
  state_.answered();
  state_.lost();
  EXPECT_EQ(state_.heartbeat(at(2s)), Action::connect);
}

}  // namespace
}  // namespace redis_client
