// What is read of a life as it passes, kept aside until it is over: its samples.csv.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory_resource>
#include <vector>

#include "calibration/life.hpp"

namespace soakline {

struct ReadingSettings {
  std::uint32_t every_s = 10;            // a row for each so many seconds
  std::uint32_t age_s = 5 * 60;          // heap_aged_bytes: older than this,
  std::uint32_t born_after_s = 15 * 60;  // and born after this
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
    std::int64_t rss_least, rss_most, live, aged, aged_from_start, slack, leaked;
    int threads, descriptors;
  };
  std::int64_t rss_bytes() const;

  ReadingSettings settings_;
  int statm_;
  std::pmr::vector<Row> rows_;
  std::int64_t least_ = 0, most_ = 0;
};

}  // namespace soakline
