// What is read of a life as it passes, kept aside until it is over: its samples.csv.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory_resource>
#include <vector>

#include "calibration/life.hpp"
#include "harness/heap_walk.hpp"
#include "harness/uneven_pause.hpp"

namespace soakline {

struct ReadingSettings {
  std::uint32_t walk_every_s = 60;  // chunks by size class, on average; at least every_s, or 0 for none
  std::uint32_t every_s = 10;       // a row for each so many seconds
  std::uint32_t age_s = 5 * 60;     // heap_aged_bytes: older than this
};

class Readings {
 public:
  Readings(const ReadingSettings& settings, std::uint32_t seconds, std::pmr::memory_resource* memory);
  ~Readings();
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;

  // Once a second, first at 0.
  void read(const Life& life, std::uint32_t second);
  void print(std::FILE* out) const;

 private:
  struct Row {
    std::uint32_t time_s;
    std::int64_t rss_least, rss_most, live, aged, slack, leaked;
    int threads, descriptors;
    bool walked = false;
  };
  std::int64_t rss_bytes() const;
  void walk();
  std::vector<std::size_t> classes_seen() const;

  ReadingSettings settings_;
  int statm_;
  std::pmr::vector<Row> rows_;
  HeapWalker walker_;
  UnevenPause uneven_;
  double walk_due_s_ = 0;
  HeapWalk walk_;                  // its counts are in the heap, as long as the life
  std::pmr::vector<float> walks_;  // the counts of one after another
  std::int64_t least_ = 0, most_ = 0;
};

}  // namespace soakline
