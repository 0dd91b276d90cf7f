#include "loadgen/schedule.hpp"

#include <cmath>

namespace soakline {

Schedule::Schedule(Arrivals arrivals, double rate_per_s, std::uint64_t seed)
    : arrivals_(arrivals), gap_ns_(1e9 / rate_per_s), random_(seeded(seed, Purpose::arrivals)) {
  if (arrivals_ == Arrivals::poisson) due_ns_ = gap();
}

void Schedule::advance() {
  ++index_;
  // A product, not a sum: a fixed rate has no rounding that adds up over days.
  if (arrivals_ == Arrivals::fixed)
    due_ns_ = std::llround(static_cast<double>(index_) * gap_ns_);
  else
    due_ns_ += gap();
}

std::int64_t Schedule::gap() {
  return std::llround(unit_gap_(random_) * gap_ns_);
}

}  // namespace soakline
