// Latencies as counts in log-linear buckets: fixed memory, every quantile within 0.8 %.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace soakline {

// Nanoseconds, 2^7 buckets for each doubling; below 256 ns each value has its own.
class LatencyHistogram {
 public:
  // A negative value counts as zero.
  void record(std::int64_t ns, std::uint64_t times = 1) noexcept {
    if (ns < 0) ns = 0;
    buckets_[bucket_of(static_cast<std::uint64_t>(ns))] += times;
    count_ += times;
    if (times == 0) return;
    if (ns > max_ns_) max_ns_ = ns;
  }

  std::uint64_t count() const { return count_; }
  // Exact; zero when nothing was recorded.
  std::int64_t max_ns() const { return max_ns_; }
  // The value of rank ceil(q * count), q in 0..1; zero when nothing was recorded.
  std::int64_t quantile_ns(double q) const;

  // Counts by bucket, up to the last one that is not zero. Bucket i is index i of an HdrHistogram of two
  // significant digits whose lowest discernible value is 1.
  std::span<const std::uint64_t> counts() const;

  void merge(const LatencyHistogram& other);
  // What was recorded since `earlier`, a copy of this one, was made. Its maximum is no more exact than its
  // bucket, unless it is this one's.
  LatencyHistogram since(const LatencyHistogram& earlier) const;

 private:
  static constexpr int bits = 7;
  static constexpr std::size_t per_octave = std::size_t{1} << bits;
  static constexpr std::size_t bucket_count = (63 - bits + 1) * per_octave;

  static std::size_t bucket_of(std::uint64_t ns) noexcept {
    if (ns < per_octave) return ns;
    const int shift = static_cast<int>(std::bit_width(ns)) - 1 - bits;
    return static_cast<std::size_t>(shift) * per_octave + (ns >> shift);
  }
  static std::uint64_t least_of(std::size_t bucket);
  static std::int64_t middle_of(std::size_t bucket);

  std::array<std::uint64_t, bucket_count> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ns_ = 0;
};

}  // namespace soakline
