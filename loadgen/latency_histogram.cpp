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

std::span<const std::uint64_t> LatencyHistogram::counts() const {
  const auto last = std::find_if(buckets_.rbegin(), buckets_.rend(), [](auto count) { return count > 0; });
  return {buckets_.data(), static_cast<std::size_t>(buckets_.rend() - last)};
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) buckets_[bucket] += other.buckets_[bucket];
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

LatencyHistogram LatencyHistogram::since(const LatencyHistogram& earlier) const {
  LatencyHistogram later;
  for (std::size_t bucket = 0; bucket < bucket_count; ++bucket)
    later.buckets_[bucket] = buckets_[bucket] - earlier.buckets_[bucket];
  later.count_ = count_ - earlier.count_;
  if (later.count_ > 0) {
    const auto end = static_cast<std::int64_t>(least_of(later.counts().size()) - 1);
    later.max_ns_ = max_ns_ > earlier.max_ns_ ? max_ns_ : std::min(end, max_ns_);
  }
  return later;
}

std::uint64_t LatencyHistogram::least_of(std::size_t bucket) {
  if (bucket < 2 * per_octave) return bucket;
  const std::size_t shift = bucket / per_octave - 1;
  return (bucket - shift * per_octave) << shift;
}

std::int64_t LatencyHistogram::middle_of(std::size_t bucket) {
  const std::uint64_t width = least_of(bucket + 1) - least_of(bucket);
  return static_cast<std::int64_t>(least_of(bucket) + width / 2);
}

}  // namespace soakline
