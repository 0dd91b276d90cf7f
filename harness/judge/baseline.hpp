// Levels of a run, and the interval in which the next run of an unchanged program falls.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// What is compared from run to run, apart from drift.
struct Level {
  std::string quantity;  // "plateau memory", "threads", "descriptors", "cpu per operation" (or "per second")
  std::string unit;      // "B", "" or "s"
  double value = 0;
  double floor =
      0;  // differences up to this are the machine's: one thread, one page a thread, 2 % of the CPU
};

// Medians between the end of warm-up and twice the warm-up: where every run has data, however early it
// stopped. Without operations, CPU is counted per second. Quantities without data are left out.
std::vector<Level> levels(const Recording& recording, const JudgeSettings& settings);

struct Prediction {
  double mean = 0, low = 0, high = 0;
};

// Two-sided prediction interval for one further value (Student's t with n-1 degrees of freedom), never
// narrower than `floor` on either side; needs two values or more. `alpha` is the chance that an unchanged
// program falls outside.
Prediction predict(std::span<const double> accepted, double floor, double alpha);

}  // namespace soakline
