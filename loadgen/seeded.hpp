// Random streams of a run: one seed, one independent engine for each purpose.
#pragma once

#include <cstdint>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/seed_seq.hpp>

namespace soakline {

// Boost's engines and distributions give the same numbers with every standard library.
using Random = boost::random::mt19937_64;

// Apart, so that another kind of arrivals leaves the messages as they were.
enum class Purpose : std::uint32_t {
  arrivals = 1,
  messages = 2,
  edits = 3,
  devices = 4,
  churn = 5,
  storms = 6
};

inline Random seeded(std::uint64_t seed, Purpose purpose) {
  boost::random::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                                static_cast<std::uint32_t>(purpose)};
  return Random(words);
}

}  // namespace soakline
