// Ranks whose frequency falls as one over the rank, without a table.
#pragma once

#include <cmath>
#include <cstdint>

#include <boost/random/uniform_01.hpp>

#include "loadgen/seeded.hpp"

namespace soakline {

// 1..count, rank k with a probability that goes with 1/k. Rejection-inversion, Hoermann and Derflinger 1996,
// "Rejection-inversion to generate variates from monotone discrete distributions", for exponent 1.
class Zipf {
 public:
  explicit Zipf(std::uint64_t count)
      : count_(static_cast<double>(count)),
        first_(std::log(1.5) - 1),
        last_(std::log(count_ + 0.5)),
        sure_(2 - std::exp(std::log(2.5) - 0.5)) {}

  std::uint64_t operator()(Random& random) const {
    for (;;) {
      const double u = last_ + boost::random::uniform_01<double>()(random) * (first_ - last_);
      const double x = std::exp(u);
      const double rank = std::fmin(std::fmax(std::floor(x + 0.5), 1), count_);
      if (rank - x <= sure_ || u >= std::log(rank + 0.5) - 1 / rank) return static_cast<std::uint64_t>(rank);
    }
  }

 private:
  double count_, first_, last_;
  double sure_;  // a rank is taken without a look at its bar when it lies no further right than this
};

}  // namespace soakline
