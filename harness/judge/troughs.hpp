// The floor of a sawtooth: its troughs, and the slopes between every two of them.
#pragma once

#include <span>
#include <vector>

#include "harness/judge/blocks.hpp"

namespace soakline {

// Lows between two rises of at least `height`, in the order of time (zigzag).
std::vector<Point> troughs(std::span<const Point> points, double height);

// Slopes of all pairs, sorted (Theil 1950), or of some 8000 of them where there are more; per second.
std::vector<double> pair_slopes(std::span<const Point> points);

// Value below which `share` of a sorted range lies; the range must not be empty.
double quantile(std::span<const double> sorted, double share);

}  // namespace soakline
