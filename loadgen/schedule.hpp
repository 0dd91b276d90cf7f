// The absolute times at which an open loop sends: known beforehand, whatever the server does.
#pragma once

#include <cstdint>

#include <boost/random/exponential_distribution.hpp>

#include "loadgen/seeded.hpp"

namespace soakline {

enum class Arrivals { fixed, poisson };

// Arrival k is due at due_ns() after the start; advance() goes on to k + 1. Pure: it knows no clock.
class Schedule {
 public:
  Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed);

  std::int64_t due_ns() const { return due_ns_; }
  void advance();

 private:
  std::int64_t gap();

  Arrivals arrivals_;
  double gap_ns_;
  std::uint64_t index_ = 0;
  std::int64_t due_ns_ = 0;
  Random random_;
  boost::random::exponential_distribution<double> unit_gap_;
};

}  // namespace soakline
