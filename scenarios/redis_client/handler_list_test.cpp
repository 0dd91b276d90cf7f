#include "scenarios/redis_client/handler_list.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "scenarios/redis_client/order_desk.hpp"
#include "scenarios/redis_subscription/wait_until.hpp"

namespace redis_client {
namespace {

using namespace std::chrono_literals;
using redis_subscription::wait_until;

const HandlerList::Handler ignore = [](const std::string&) {};

// Each thread removes only what it has added itself.
void come_and_go(HandlerList& handlers, int times) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < times; ++i) handlers.remove(handlers.add(ignore));
    });
  }
}

TEST(HandlerList, calls_those_that_are_registered) {
  HandlerList handlers(HandlerList::Changes::one_by_one);
  int first = 0;
  int second = 0;
  const auto registration = handlers.add([&](const std::string&) { ++first; });
  handlers.add([&](const std::string&) { ++second; });
  handlers.call("all");
  handlers.remove(registration);
  handlers.call("what is left");
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
}

TEST(HandlerList, is_empty_after_many_threads_came_and_went) {
  HandlerList handlers(HandlerList::Changes::one_by_one);
  come_and_go(handlers, 2000);
  EXPECT_EQ(handlers.size(), 0U);
}

TEST(HandlerList, keeps_handlers_that_were_removed_as_it_leaked) {
  HandlerList handlers(HandlerList::Changes::racing);
  EXPECT_TRUE(wait_until([&] {
    come_and_go(handlers, 2000);
    return handlers.size() > 0;
  }));
}

TEST(HandlerList, loses_nothing_in_one_thread_even_as_it_leaked) {
  HandlerList handlers(HandlerList::Changes::racing);
  for (int i = 0; i < 100; ++i) handlers.remove(handlers.add(ignore));
  EXPECT_EQ(handlers.size(), 0U);
}

TEST(OrderDesk, handles_orders_and_leaves_no_handler_behind) {
  HandlerList handlers(HandlerList::Changes::one_by_one);
  OrderDesk desk(handlers, 1ms, 4);
  for (int order = 0; order < 500; ++order) desk.take(std::to_string(order));
  EXPECT_TRUE(wait_until([&] { return desk.done() == 500; }));
  EXPECT_EQ(handlers.size(), 0U);
}

TEST(OrderDesk, cancels_the_order_that_is_named) {
  HandlerList handlers(HandlerList::Changes::one_by_one);
  OrderDesk desk(handlers, 200ms, 4);
  desk.take("a cup");
  desk.take("a glass");
  EXPECT_TRUE(wait_until([&] { return handlers.size() == 2; }));
  handlers.call("a cup");
  EXPECT_TRUE(wait_until([&] { return desk.done() + desk.cancelled() == 2; }));
  EXPECT_EQ(desk.cancelled(), 1U);
}

}  // namespace
}  // namespace redis_client
