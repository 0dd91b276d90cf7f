// What a run recorded, as the judge sees it: columns of equal length and the lives of threads and
// descriptors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace soakline {

inline constexpr double never_s = std::numeric_limits<double>::infinity();
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// One thread or descriptor, or several that came and went together: seconds since the target was ready,
// negative if it was there before.
struct Lifetime {
  double born_s = 0;
  double gone_s = never_s;
  std::size_t number = 1;
};

// One walk of the target's heaps: chunks in use by Recording::chunk_classes_bytes.
struct ChunkWalk {
  double time_s;
  std::vector<float> counts;
  double slack_bytes = missing;  // free in these heaps; recorded in the column heap_slack_bytes
};

// A stretch of time whose births are counted together.
struct Epoch {
  double from_s, to_s;
};

// Of what an allocation site bore in an epoch, what lived at `time_s` and the bytes it took: once all of it
// is older than A, and whenever that changes.
struct CohortCount {
  double time_s;
  std::uint32_t site;
  std::uint32_t epoch;
  double blocks, bytes;
};

// Of a site's blocks the share that nothing pointed at in any of several looks; the last was at `time_s`.
struct LostBlocks {
  double time_s;
  std::uint32_t site;
  double share;
};

// From its beginning to its end, both included.
struct Window {
  double begin_s = 0, end_s = never_s;

  bool contains(double time_s) const { return begin_s <= time_s && time_s <= end_s; }
};

// Rows in the order of time; a missing cell is NaN, an absent column is empty.
struct Recording {
  std::vector<double> time_s;
  std::vector<double> rss_bytes;
  std::vector<double> heap_live_bytes, heap_aged_bytes, heap_slack_bytes;
  std::vector<double> threads;
  std::vector<double> descriptors;
  std::vector<double> cpu_s;
  std::vector<double> operations;
  std::vector<Lifetime> thread_lives;  // empty where only counts were recorded
  std::vector<Lifetime> descriptor_lives;
  std::vector<double> chunk_classes_bytes;    // upper bounds, ascending; empty where chunks were not recorded
  std::vector<ChunkWalk> chunk_walks;         // sparse: at the times of some rows
  std::vector<Epoch> epochs = {};             // in which the agent counted births
  std::vector<double> site_block_bytes = {};  // by allocation site: what its blocks are smaller than
  std::vector<CohortCount> cohorts = {};      // in the order of time
  std::vector<LostBlocks> lost_blocks = {};   // likewise, of few sites
  std::vector<Window> faults = {};            // in the order of their beginnings, recovery included

  double end_s() const { return time_s.empty() ? 0 : time_s.back(); }
};

// Gives the open window that began with it its end.
void close_window(std::vector<Window>& windows, const Window& closed);

// Reads plain counts as a stack, where what came last goes first: a rise is a birth, a fall takes the
// youngest. What is older than A is then the minimum of the count over the last A, above where it stood.
class CountedLives {
 public:
  explicit CountedLives(double age_s) : age_s_(age_s) {}

  // Rows must come in the order of time; missing cells change nothing.
  void add(double time_s, double count);
  // No more than two a row; of those that are gone only what lasted for the age or longer.
  std::span<const Lifetime> lives() const { return lives_; }

 private:
  double age_s_;
  std::vector<Lifetime> lives_;
  std::vector<std::size_t> alive_;  // places in lives_, in the order of birth
  std::size_t number_alive_ = 0;
  bool seen_ = false;
};

}  // namespace soakline
