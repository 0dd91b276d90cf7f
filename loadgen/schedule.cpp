#include "loadgen/schedule.hpp"

#include <cmath>

namespace soakline {

Schedule::Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed, Idle idle)
    : arrivals_(arrivals), gap_ns_(1e9 / rate_per_s), idle_(idle), random_(seeded(seed, Purpose::arrivals)) {
  if (arrivals_ == Arrivals::poisson) busy_ns_ = gap();
}

void Schedule::advance() {
  ++index_;
  // A product, not a sum: a fixed rate has no rounding that adds up over days.
  if (arrivals_ == Arrivals::fixed)
    busy_ns_ = std::llround(static_cast<double>(index_) * gap_ns_);
  else
    busy_ns_ += gap();
}

std::int64_t Schedule::gap() {
  return std::llround(unit_gap_(random_) * gap_ns_);
}

}  // namespace soakline
