// How a rate changes with time: pieces of a straight line each, gone through again and again.
#pragma once

#include <string_view>
#include <vector>

namespace soakline {

// A stretch of time over which the rate goes in a straight line from one factor of the given rate to another.
struct RatePiece {
  double lasts_s;  // infinite only for the last one
  double from, to;
};

// No pieces: the rate itself for ever. Pieces repeat from the first one unless the last is infinite.
struct RateShape {
  std::vector<RatePiece> pieces;
};

// "constant"; "ramp:30s" rises from nothing to the rate; "steps:0.5@1m,2@30s" factors of the rate, each for a
// time; "bursts:5s/1m" sends a minute's messages within its first 5 s; "daily:24h" has its low at the day's
// beginning and its high, nine times as much, at its middle (a cosine). Bursts and days keep the rate as
// their mean. QuantityError.
RateShape parse_rate_shape(std::string_view text);

}  // namespace soakline
