// The latencies of a run as an HdrHistogram interval log (format 1.3), which that library's tools read.
#pragma once

#include <ostream>

#include "loadgen/ledger.hpp"

namespace soakline {

// Three lines an interval, tagged intended, sent and lateness as the ledger's three latencies. Values are
// nanoseconds, the maximum of a line milliseconds, times seconds since the start of the run.
class HdrLog {
 public:
  explicit HdrLog(std::ostream& out) : out_(out) {}

  // Writes the interval that ends now, so long after the start of the run, with what was recorded in it.
  void add(double until_s, const Ledger& ledger);

 private:
  void begin(double begun_s_ago);
  void write(const char* tag, double until_s, const LatencyHistogram& latency, LatencyHistogram& before);

  std::ostream& out_;
  bool begun_ = false;
  double from_s_ = 0;
  LatencyHistogram intended_, sent_, lateness_;  // as they were when the interval began
};

}  // namespace soakline
