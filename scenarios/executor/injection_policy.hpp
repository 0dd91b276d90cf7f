// When a pool may have another thread: decided from what waits and what time it is, without either.
#pragma once

#include <cstddef>

#include "scenarios/executor/task.hpp"

namespace executor {

class InjectionPolicy {
 public:
  struct Decision {
    enum class What { nothing, wait, inject } what;
    Time until;  // of wait
  };

  explicit InjectionPolicy(Duration interval) : interval_(interval) {}

  // A thread is due when more items wait than threads are free, at most one per interval. The first comes at
  // once.
  Decision decide(std::size_t waiting, std::size_t free, Time now) {
    if (waiting <= free) return {Decision::What::nothing, {}};
    if (now < earliest_) return {Decision::What::wait, earliest_};
    earliest_ = now + interval_;
    return {Decision::What::inject, {}};
  }

 private:
  const Duration interval_;
  Time earliest_ = Time::min();
};

}  // namespace executor
