#include "loadgen/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {

std::int64_t LatencyHistogram::quantile_ns(double q) const {
  if (count_ == 0) return 0;
  const double rank =
      std::clamp(std::ceil(q * static_cast<double>(count_)), 1.0, static_cast<double>(count_));
  if (rank >= static_cast<double>(count_)) return max_ns_;
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
    seen += buckets_[bucket];
    if (static_cast<double>(seen) >= rank) return std::min(middle_of(bucket), max_ns_);
  }
  return max_ns_;
}

std::int64_t LatencyHistogram::middle_of(std::size_t bucket) {
  if (bucket < 2 * per_octave) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / per_octave - 1;
  const std::uint64_t least = (bucket - shift * per_octave) << shift;
  return static_cast<std::int64_t>(least + (std::uint64_t{1} << shift) / 2);
}

}  // namespace soakline
