// The account of every message of a run, and its three latencies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/latency_histogram.hpp"

namespace soakline {

// offered = sent + dropped + waiting; sent = answered + failed + lost + in flight. At the end of a run what
// waits is dropped and what is in flight is unexplained.
struct Ledger {
  std::uint64_t offered = 0;
  std::uint64_t sent = 0;  // handed to the socket
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;  // an error for an answer, or the connection was lost before it came
  std::uint64_t dropped = 0;
  // Of echoes, which say whose they are: one that never came although a later one did, one that is damaged,
  // and one that came again.
  std::uint64_t lost = 0, corrupted = 0, duplicated = 0;

  LatencyHistogram from_intended;  // intended time to answer: what a user would have waited
  LatencyHistogram from_sent;      // sending to answer
  LatencyHistogram lateness;       // intended time to sending: the generator's own, or the server's push-back
  std::string first_failure;

  std::uint64_t in_flight() const { return sent - answered - failed - lost; }
  std::uint64_t unexplained() const { return lost + in_flight(); }

  void fail(std::uint64_t messages, std::string_view why) {
    failed += messages;
    if (messages > 0 && first_failure.empty()) first_failure = why;
  }
};

}  // namespace soakline
