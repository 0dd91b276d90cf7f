// What many programs are made of: requests, sessions, caches.
#pragma once

#include <deque>

#include "calibration/life.hpp"

namespace soakline {

inline constexpr double minutes = 60;
inline constexpr double KiB = 1024, MiB = 1024 * 1024;

struct Bytes {
  double least, most;
  double any(Chance& chance) const { return chance.log_uniform(least, most); }
};

// Load that rises and falls about its mean, by `swing` of it.
struct Rhythm {
  double period_s, swing, peak_s;
  double load(double now_s) const;
};
Rhythm any_rhythm(Chance& chance);

// What comes at random and passes: an outage, a rush.
class Spells {
 public:
  Spells(double mean_gap_s, double least_s, double most_s)
      : mean_gap_s_(mean_gap_s), least_s_(least_s), most_s_(most_s) {}
  bool on(Life& life);

 private:
  double mean_gap_s_, least_s_, most_s_, begins_s_ = 0, ends_s_ = 0;
};

// Bytes in one piece, whose room grows by a factor as they come.
class Buffer {
 public:
  Buffer(Life& life, double room, double factor = 2)
      : piece_(life.block(room)), room_(room), factor_(factor) {}

  void append(double bytes);
  double written() const { return written_; }
  // Shrunk to what was written; nothing can be appended after that.
  Block take();

 private:
  Block piece_;
  double room_, factor_, written_ = 0;
};

// First in, first out beyond its room; what is asked for again gets a second turn.
class Cache {
 public:
  Cache(Life& life, double room_bytes, double asked_again = 0)
      : life_(&life), room_(room_bytes), asked_again_(asked_again), entries_(life.memory()) {}

  void put(Block entry);
  void drop_oldest();
  void clear();
  double held() const { return held_; }

 private:
  Life* life_;
  double room_, asked_again_, held_ = 0;
  std::pmr::deque<Block> entries_;
};

// What is read from files at the start and stays.
Behaviour configuration(Life& life, double entries, Bytes bytes);
// Objects that come at random times and go soon, on one thread.
Behaviour churn(Life& life, int thread, double per_s, Bytes bytes, double mean_life_s);
// Objects of all sizes, most of them gone within a second or two and some only after minutes: what scatters
// the free places of every real heap.
Behaviour background(Life& life, int thread, double per_s);

// A request's objects, the answer the last of them.
void serve_request(Life& life, double seconds);
// Requests at random times, on one thread.
Behaviour requests(Life& life, int thread, double per_s);

// A client's stay; its buffers are freed on another thread than where they came from.
Behaviour session(Life& life, int thread, double seconds);
Behaviour sessions(Life& life, double per_s, double mean_s);

}  // namespace soakline
