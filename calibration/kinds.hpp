// The kinds of programs whose lives calibrate the judge.
#pragma once

#include <span>
#include <string_view>

#include "calibration/life.hpp"

namespace soakline {

// Tune: seen while the judge's constants were chosen; report: never. Special kinds are not full when 0.4 of
// the warm-up (6 of 15 minutes) is over, or turn over far more slowly than the age A. Collected kinds have a
// heap of their own. Fresh: no constant of the judge was chosen with them, and nobody looked at them before
// the constants were fixed.
enum class Group { tune, report, special, collected, fresh };
std::string_view to_string(Group group);

struct Kind {
  std::string_view name;
  Group group;
  void (*live)(Life&);  // starts what the program does
  std::string_view sentence;
  double settle_s = 600;  // what its owner would promise: nothing turns over more slowly
};

std::span<const Kind> kinds();
const Kind* find_kind(std::string_view name);  // null if there is none

}  // namespace soakline
