// The absolute times at which an open loop sends: known beforehand, whatever the server does.
#pragma once

#include <cstdint>

#include <boost/random/exponential_distribution.hpp>

#include "loadgen/seeded.hpp"

namespace soakline {

enum class Arrivals { fixed, poisson };

// Nothing is due from `from_ns` until `until_ns`; arrivals go on afterwards where they stopped.
struct Idle {
  std::int64_t from_ns = 0, until_ns = 0;
  bool contains(std::int64_t at_ns) const { return at_ns >= from_ns && at_ns < until_ns; }
};

// Arrival k is due at due_ns() after the start; advance() goes on to k + 1. Pure: it knows no clock.
class Schedule {
 public:
  Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed, Idle idle = {});

  std::int64_t due_ns() const {
    return busy_ns_ < idle_.from_ns ? busy_ns_ : busy_ns_ + idle_.until_ns - idle_.from_ns;
  }
  void advance();

 private:
  std::int64_t gap();

  Arrivals arrivals_;
  double gap_ns_;
  std::uint64_t index_ = 0;
  std::int64_t busy_ns_ = 0;  // on a clock that stands still while idle
  Idle idle_;
  Random random_;
  boost::random::exponential_distribution<double> unit_gap_;
};

}  // namespace soakline
