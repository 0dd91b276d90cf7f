// A latency histogram as the HdrHistogram libraries write theirs: V2, big-endian, counts as ZigZag LEB128.
#pragma once

#include <string>

#include "loadgen/latency_histogram.hpp"

namespace soakline {

// The encoding itself, and as it stands in a log: deflated, behind a cookie and a length of its own. Values
// are nanoseconds. Source: HdrHistogram's AbstractHistogram.encodeIntoByteBuffer and ZigZagEncoding, as its
// wiki describes them.
std::string hdr_encoding(const LatencyHistogram& histogram);
std::string hdr_compressed(const LatencyHistogram& histogram);

}  // namespace soakline
