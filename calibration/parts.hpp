// What many programs are made of: requests, sessions, caches.
#pragma once

#include <algorithm>
#include <deque>

#include "calibration/life.hpp"

namespace soakline {

inline constexpr double minutes = 60;
inline constexpr double KiB = 1024, MiB = 1024 * 1024;

struct Bytes {
  double least, most;
  double any(Chance& chance) const { return chance.log_uniform(least, most); }
};

// First in, first out beyond its room.
class Cache {
 public:
  Cache(Life& life, double room_bytes) : room_(room_bytes), entries_(life.memory()) {}

  void put(Block entry) {
    held_ += entry.bytes();
    entries_.push_back(std::move(entry));
    while (held_ > room_) drop_oldest();
  }
  void drop_oldest() {
    held_ -= entries_.front().bytes();
    entries_.pop_front();
  }
  void clear() {
    entries_.clear();
    held_ = 0;
  }
  double held() const { return held_; }
  bool full() const { return held_ > 0.98 * room_; }

 private:
  double room_, held_ = 0;
  std::pmr::deque<Block> entries_;
};

// Objects that come at random times and go soon, on one thread.
Behaviour churn(Life& life, int thread, double per_s, Bytes bytes, double mean_life_s);

// A request's objects: some in order, most of them gone before its end.
void serve_request(Life& life, double seconds);

}  // namespace soakline
