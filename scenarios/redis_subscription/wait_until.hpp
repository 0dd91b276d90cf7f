// Waits for a state by asking for it, with a deadline.
#pragma once

#include <chrono>
#include <thread>

namespace redis_subscription {

template <class Condition>
bool wait_until(Condition condition, std::chrono::milliseconds longest = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace redis_subscription
