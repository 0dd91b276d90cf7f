// The absolute times at which an open loop sends: known beforehand, whatever the server does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/random/exponential_distribution.hpp>

#include "loadgen/seeded.hpp"
#include "units/rate_shape.hpp"

namespace soakline {

enum class Arrivals { fixed, poisson };

// Nothing is due from `from_ns` until `until_ns`; arrivals go on afterwards where they stopped.
struct Idle {
  std::int64_t from_ns = 0, until_ns = 0;
  bool contains(std::int64_t at_ns) const { return at_ns >= from_ns && at_ns < until_ns; }
};

// Arrival k is due at due_ns() after the start; advance() goes on to k + 1. Pure: it knows no clock. A rate
// that changes is a change of time: arrival k of rate 1 is due when the integral of the rate has reached it
// (Lewis and Shedler 1979, inversion).
class Schedule {
 public:
  Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed, const RateShape& shape = {},
           Idle idle = {}, Purpose purpose = Purpose::arrivals);

  std::int64_t due_ns() const {
    return busy_ns_ < idle_.from_ns ? busy_ns_ : busy_ns_ + idle_.until_ns - idle_.from_ns;
  }
  void advance();

 private:
  // The rate goes in a straight line from one value to the other, per ns.
  struct Piece {
    double lasts_ns, from, to;
    double arrivals() const { return (from + to) / 2 * lasts_ns; }
  };
  void find_due();

  Arrivals arrivals_;
  std::vector<Piece> pieces_;
  std::size_t piece_ = 0;
  double piece_begin_ns_ = 0;
  double arrived_ = 0;        // arrivals of rate 1 since the piece began: a count, not a sum of rounded gaps
  std::int64_t busy_ns_ = 0;  // on a clock that stands still while idle
  Idle idle_;
  Random random_;
  boost::random::exponential_distribution<double> unit_gap_;
};

}  // namespace soakline
