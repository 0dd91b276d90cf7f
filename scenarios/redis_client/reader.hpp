// A thread that reads one connection until it is lost, and then waits for its end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "scenarios/redis_subscription/connection.hpp"

namespace redis_client {

class Reader {
 public:
  struct Events {
    std::function<void(const std::string& message)> message;
    std::function<void()> lost;  // once; the reader must not be destroyed in it
  };

  Reader(std::unique_ptr<redis_subscription::Connection> connection, Events events);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  void run();
  void read();
  void wait_for_end() const;

  std::unique_ptr<redis_subscription::Connection> connection_;
  const Events events_;
  redis_subscription::WakeEvent end_;
  std::thread thread_;
};

}  // namespace redis_client
