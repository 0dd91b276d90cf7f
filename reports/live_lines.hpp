// What is known of a run while it goes on, as lines of text: for a terminal that redraws them, or for a log.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/observer.hpp"

namespace soakline {

struct LiveRun {
  RunInfo info;
  Sample last;
  std::vector<MetricVerdict> metrics;  // as of the last look; empty before the first
  int minutes_told = 0;                // how many of the log's lines were written
};

// A title with progress, then a line per metric, each at most `columns` wide.
std::vector<std::string> live_lines(const LiveRun& run, std::size_t columns, bool colours);
// The title alone, with how many metrics are decided: for when there are more runs than lines.
std::string live_title(const LiveRun& run, std::size_t columns, bool colours);
// One plain line for a log.
std::string log_line(const LiveRun& run);

}  // namespace soakline
