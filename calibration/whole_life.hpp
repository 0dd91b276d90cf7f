// One life from beginning to end, and what was read of it.
#pragma once

#include <cstdint>
#include <functional>

#include "calibration/kinds.hpp"
#include "calibration/leaks.hpp"
#include "calibration/private_memory.hpp"
#include "calibration/readings.hpp"

namespace soakline {

struct LifeSettings {
  const Kind* kind = nullptr;
  const LeakShape* shape = nullptr;
  double leak = 0;      // times the limit of 90 MB/day
  double delay_s = -1;  // of the leak; below zero: none, or 20 to 60 minutes where the shape is "late"
  std::uint64_t seed = 1;
  std::uint32_t seconds = 120 * 60;
  ReadingSettings readings;
};

inline constexpr double limit_bytes_per_s = 90e6 / 86'400;

class WholeLife {
 public:
  explicit WholeLife(const LifeSettings& settings);
  // Calls `each` once a second, after the readings.
  void live(const std::function<void(std::uint32_t second)>& each = nullptr);

  const Readings& readings() const { return readings_; }
  Life& life() { return life_; }

 private:
  LifeSettings settings_;
  PrivateMemory memory_;
  Life life_;
  Readings readings_;
};

}  // namespace soakline
