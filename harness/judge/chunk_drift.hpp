// Whether the heap's chunks drift, class by class: a leak's class grows alike in every quarter of a window,
// while what fills, breathes or fragments does so unevenly.
#pragma once

#include <cmath>
#include <span>

#include "harness/judge/assessment.hpp"
#include "harness/judge/blocks.hpp"
#include "harness/judge/memory_plan.hpp"

namespace soakline {

// Of all its chunks, those of a class as large as its upper bound.
double bytes_of(const ChunkWalk& walk, std::span<const double> classes);

class ChunkDrift {
 public:
  // Looks running, a minute each: the floor of a heap that breathes rises for a while by chance. With two,
  // five of 277 clean lives of twelve kinds failed (docs/calibration.md), with twenty none.
  static constexpr int looks_to_believe = 20;

  explicit ChunkDrift(const JudgeSettings& settings);

  double next_look_s() const { return static_cast<double>(minutes_) * plan_.minute_s; }
  // At next_look_s(), over the walks made up to then, in the order of time; `classes` gives bytes by
  // position.
  Assessment look(std::span<const ChunkWalk> walks, std::span<const double> classes);

  struct Steady {
    double bytes_per_s = missing;  // NaN where walks are missing
    double from_s = 0;
    std::vector<double> bytes_each;  // by class; 0 for those that do not grow steadily
  };

  // Bytes in the classes that grew steadily at the last look, walk by walk.
  std::vector<Point> steady_curve(std::span<const ChunkWalk> walks) const;
  // Whether the last look had walks enough.
  bool seen() const { return !std::isnan(steady_.bytes_per_s); }
  // Whether at the last looks the floor of all chunks together rose by more than is tolerated beyond the
  // classes that grow steadily. A single block that doubles shows here alone.
  bool grows_unexplained() const { return looks_unexplained_ >= looks_to_believe; }

 private:
  static Steady steady_growth(double from_s, double to_s, std::span<const ChunkWalk> walks,
                              std::span<const double> classes);
  Estimate estimate(const Steady& steady, double now_s, std::span<const ChunkWalk> walks) const;

  JudgeSettings settings_;
  MemoryPlan plan_;
  double limit_per_s_, tolerated_share_;
  long minutes_;  // of the next look
  int looks_running_ = 0, looks_unexplained_ = 0;
  Steady steady_;
};

}  // namespace soakline
