// Waits for a state by asking for it, never by sleeping for a guessed time.
#pragma once

#include <chrono>
#include <thread>

namespace soakline {

constexpr std::chrono::seconds test_patience{20};

template <class Condition>
bool wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + test_patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace soakline
