// Whether the generator itself can be believed: what it used, how late it was, and what it ran out of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/latency_histogram.hpp"

namespace soakline {

// What a process uses at a moment; read from /proc/self and getrusage.
struct OwnUse {
  double cpu_s = 0;
  double rss_bytes = 0;
  std::size_t descriptors = 0;
};
OwnUse own_use();

// Of a run so far.
struct SelfFigures {
  double lasted_s = 0;
  bool open_loop = true;
  OwnUse begin, settled, now;    // settled: after a tenth of the run, when buffers have their size
  double backlog_bytes = 0;      // the most that messages held back may have taken since
  std::uint64_t no_address = 0;  // connects that failed because every local port was taken
  LatencyHistogram wake_ups;     // due time of a message to the moment the generator looked at it
};

// One sentence for each reason not to believe the run; none: it is valid. An open loop that wakes up late at
// more than one message in a hundred, or uses up its core, did not offer the load it was asked for.
std::vector<std::string> reasons_against(const SelfFigures& figures);

}  // namespace soakline
