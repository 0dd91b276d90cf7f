// What grows with the operations and what grows with time, told apart where the load changed during the run.
#pragma once

#include <optional>
#include <span>

#include "harness/judge/blocks.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// Least squares of value on time and operations together, with 99 % intervals that allow for autocorrelation
// (fit_line, after Frisch and Waugh 1933); that of the day adds the widths of both, since one takes what the
// other leaves. `operations` are those done by the time of each point. Nothing unless the load of the slowest
// quarter of the time was less than half of that of the fastest: else the two cannot be told apart.
std::optional<GrowthParts> growth_parts(std::span<const Point> points, std::span<const double> operations,
                                        const JudgeSettings& settings);

}  // namespace soakline
