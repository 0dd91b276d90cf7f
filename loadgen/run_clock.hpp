// Time since the start of a run.
#pragma once

#include <chrono>
#include <cstdint>

namespace soakline {

class RunClock {
 public:
  using Clock = std::chrono::steady_clock;

  void start() { start_ = Clock::now(); }
  std::int64_t elapsed_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_).count();
  }
  Clock::time_point at(std::int64_t ns) const { return start_ + std::chrono::nanoseconds(ns); }

 private:
  Clock::time_point start_ = Clock::now();
};

}  // namespace soakline
