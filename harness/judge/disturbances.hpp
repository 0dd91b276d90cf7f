// Stretches of time in which faults were under way or being recovered from: what is measured in them is no
// part of the trend, but time passes on, and what grew across them counts.
#pragma once

#include <span>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

class Disturbances {
 public:
  Disturbances() = default;
  // In the order of their beginnings; they may overlap. Only what had begun by a moment matters to what is
  // asked of times up to then, so that a recording answers as the live run did.
  explicit Disturbances(std::span<const Window> faults);

  bool contains(double time_s) const { return holds(time_s, time_s); }
  // Whether one stretch holds both moments.
  bool holds(double from_s, double to_s) const;
  // Seconds of [from_s, to_s] that lie in them.
  double within(double from_s, double to_s) const;
  // Whether too little was seen of [from_s, to_s] to pass on: less than half of it, or not its last tenth.
  bool hide(double from_s, double to_s) const;

 private:
  const Window* begun_by(double time_s) const;

  std::vector<Window> stretches_;  // ascending, apart from each other
};

}  // namespace soakline
