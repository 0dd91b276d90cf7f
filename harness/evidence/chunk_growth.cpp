#include "harness/evidence/chunk_growth.hpp"

#include <algorithm>

#include "units/quantity.hpp"

namespace soakline {
namespace {

// Least number of chunks of each class over some time.
std::vector<float> least_chunks(const Recording& recording, double from_s, double to_s) {
  std::vector<float> counts;
  for (const ChunkWalk& walk : recording.chunk_walks) {
    if (walk.time_s < from_s || walk.time_s > to_s) continue;
    if (counts.empty()) counts = walk.counts;
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c] = std::min(counts[c], walk.counts[c]);
  }
  return counts;
}

}  // namespace

std::vector<GrownClass> grown_classes(const Recording& recording, double from_s, double to_s,
                                      double compression) {
  const double quarter_s = (to_s - from_s) / 4;
  const auto before = least_chunks(recording, from_s, from_s + quarter_s),
             now = least_chunks(recording, to_s - quarter_s, to_s);
  std::vector<GrownClass> grown;
  if (before.empty() || now.empty()) return grown;
  const double per_day = seconds_per_day / std::max(1e-9, 3 * quarter_s) / compression;
  for (std::size_t c = 0; c < now.size(); ++c) {
    const double chunks = now[c] - before[c], bytes = recording.chunk_classes_bytes[c];
    if (chunks > 0) grown.push_back({c, bytes, chunks, chunks * bytes * per_day});
  }
  std::stable_sort(grown.begin(), grown.end(),
                   [](const GrownClass& a, const GrownClass& b) { return a.per_day > b.per_day; });
  return grown;
}

}  // namespace soakline
