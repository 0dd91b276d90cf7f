// How long to wait before the next attempt to connect: doubles with every failure, up to a longest.
#pragma once

#include <algorithm>
#include <chrono>

namespace redis_subscription {

class Backoff {
 public:
  using Delay = std::chrono::milliseconds;

  explicit Backoff(Delay shortest = Delay(50), Delay longest = Delay(5000))
      : shortest_(shortest), longest_(longest), next_(shortest) {}

  // The delay after this failure.
  Delay failed() {
    const Delay delay = next_;
    next_ = std::min(next_ * 2, longest_);
    return delay;
  }

  void succeeded() { next_ = shortest_; }

 private:
  Delay shortest_;
  Delay longest_;
  Delay next_;
};

}  // namespace redis_subscription
