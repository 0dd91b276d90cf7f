// How long devices were gone: each by itself, and the storms until all of theirs were back. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "loadgen/latency_histogram.hpp"

namespace soakline {

class Outages {
 public:
  explicit Outages(std::uint32_t devices);

  // It was connected and is not any more.
  void gone(std::uint32_t device, std::int64_t now_ns);
  // It is connected, for the first time or again.
  void back(std::uint32_t device, std::int64_t now_ns);

  // Those are dropped now; it lasts until none of them is missing. A storm that begins before the one before
  // is over goes on with it.
  void storm(std::span<const std::uint32_t> devices, std::int64_t now_ns);

  // The end: what is still gone has been so until now at least, and counts so.
  void end(std::int64_t now_ns);

  std::size_t connected() const { return connected_; }
  const LatencyHistogram& reconnects() const { return reconnects_; }
  std::uint64_t storms() const { return storms_; }
  // From the drop until all were back; 0 without a storm.
  std::int64_t slowest_storm_ns() const { return slowest_storm_ns_; }

 private:
  static constexpr std::int64_t never_up = -1, up = -2;

  void end_storm(std::int64_t now_ns);

  std::vector<std::int64_t> gone_ns_;  // since when, or never_up or up
  std::vector<bool> in_storm_;
  std::size_t connected_ = 0;
  std::size_t missing_ = 0;  // of the storm
  std::int64_t storm_began_ns_ = 0;
  std::uint64_t storms_ = 0;
  std::int64_t slowest_storm_ns_ = 0;
  LatencyHistogram reconnects_;
};

}  // namespace soakline
