// Columns of a run made small enough to draw without losing what an eye would look for.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace soakline {

// Points to be joined by a line; a NaN value breaks it.
using Trace = std::vector<std::pair<double, double>>;

// At most about `most` points: the least and the greatest of each of equal spans of time, so that spikes and
// troughs remain. Empty cells are passed over; a hole of many samples breaks the line.
Trace decimated(std::span<const double> time_s, std::span<const double> values, std::size_t most);
Trace decimated(const Trace& trace, std::size_t most);

// Growth per second of a counter over each of at most `most` equal spans of time. A counter that falls, as
// after a restart, breaks the line.
Trace rate_of(std::span<const double> time_s, std::span<const double> counter, std::size_t most);

// Middle of the values within [from_s, to_s]; NaN where there are none.
double median_within(std::span<const double> time_s, std::span<const double> values, double from_s,
                     double to_s);

bool has_values(std::span<const double> values);

}  // namespace soakline
