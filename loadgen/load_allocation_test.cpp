// What the generator allocates once it is under way, against a real redis-server.
#include <gtest/gtest.h>

#include <vector>

#include "loadgen/load_run.hpp"
#include "loadgen/testing/allocation_count.hpp"
#include "loadgen/testing/redis_server.hpp"

namespace soakline {
namespace {

struct Seen {
  long allocations;
  std::uint64_t answered;
};

// Allocations and messages from the middle of a run to its end.
Seen second_half_of(LoadPlan plan) {
  std::vector<Seen> seen;
  seen.reserve(1000);
  const auto result = run_load(plan, {{0.05, [&](double, const LoadResult& so_far) {
                                         seen.push_back({allocation_count(), so_far.ledger.answered});
                                         return true;
                                       }}});
  const Seen& middle = seen[seen.size() / 2];
  return {seen.back().allocations - middle.allocations, seen.back().answered - middle.answered};
}

class LoadAllocation : public testing::Test {
 protected:
  LoadPlan plan() {
    LoadPlan plan;
    plan.kind = LoadKind::redis;
    plan.to = parse_address(server.address());
    plan.connections = 8;
    plan.time_s = 2;
    return plan;
  }
  // What it looks at once a second (its own memory and descriptors) and Asio's own queues.
  static constexpr long a_second_or_two = 200;

  RedisServer server;
};

TEST_F(LoadAllocation, AnOpenLoopWithSubscribersAllocatesNothingAMessage) {
  LoadPlan open = plan();
  open.pace.rate_per_s = 10'000;
  open.redis.subscribers = 3;
  open.payload = {64, 512};
  const Seen seen = second_half_of(open);
  EXPECT_GT(seen.answered, 5000U);
  EXPECT_LT(seen.allocations, a_second_or_two);
}

TEST_F(LoadAllocation, AClosedLoopWithAMixAllocatesNothingAMessage) {
  LoadPlan closed = plan();
  closed.pace.closed_depth = 16;
  closed.redis.commands = {{3, "SET key:{zipf:1000} {payload}"}, {1, "GET key:{uniform:1000}"}};
  const Seen seen = second_half_of(closed);
  EXPECT_GT(seen.answered, 5000U);
  EXPECT_LT(seen.allocations, a_second_or_two);
}

}  // namespace
}  // namespace soakline
