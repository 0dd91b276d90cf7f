// Orders that are under way for a while, each listening for its cancellation meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "scenarios/redis_client/handler_list.hpp"

namespace redis_client {

class OrderDesk {
 public:
  // An order is under way for `handling`; `threads` begin and end them.
  OrderDesk(HandlerList& cancellations, std::chrono::steady_clock::duration handling, std::size_t threads);
  // Orders under way are left as they are.
  ~OrderDesk();
  OrderDesk(const OrderDesk&) = delete;
  OrderDesk& operator=(const OrderDesk&) = delete;

  // From any thread. A message on the list of handlers that is an order's text cancels it.
  void take(std::string text);

  std::uint64_t done() const { return done_; }
  std::uint64_t cancelled() const { return cancelled_; }

 private:
  struct Order;
  void begin(const std::shared_ptr<Order>& order);

  HandlerList& cancellations_;
  const std::chrono::steady_clock::duration handling_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> cancelled_{0};
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  std::vector<std::thread> threads_;
};

}  // namespace redis_client
