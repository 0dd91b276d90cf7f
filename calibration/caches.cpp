#include "calibration/caches.hpp"

#include <cmath>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

constexpr Bytes entry{200, 2000};
constexpr double mean_entry = 781;

double entries_per_s(double room_bytes, double turnover_s) {
  return room_bytes / mean_entry / turnover_s;
}

Behaviour turn_over(Life& life, double room_bytes, double turnover_s) {
  Cache cache(life, room_bytes, 0.2);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / entries_per_s(room_bytes, turnover_s)));
    cache.put(life.block(entry.any(life.chance)));
  }
}

// Loaded at once when the program starts, then one entry after another is replaced.
Behaviour turn_over_slowly(Life& life, double room_bytes, double turnover_s) {
  constexpr double loading_s = 4 * minutes;
  Cache cache(life, room_bytes);
  for (;;) {
    const double turn_s = life.now_s() < loading_s ? 0.9 * loading_s : turnover_s;
    co_await life.after(life.chance.exponential(1 / entries_per_s(room_bytes, turn_s)));
    cache.put(life.block(entry.any(life.chance)));
  }
}

Behaviour expire(Life& life, double per_s) {
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    life.keep_for(life.chance.uniform(2, 4) * minutes, entry.any(life.chance));
  }
}

// A table of slots, any of which is written anew.
Behaviour overwrite_slots(Life& life, std::size_t slots, double mean_stay_s) {
  std::pmr::vector<Block> table(life.memory());
  for (std::size_t i = 0; i < slots; ++i) table.emplace_back();
  for (;;) {
    co_await life.after(life.chance.exponential(mean_stay_s / static_cast<double>(slots)));
    Block value = life.block(Bytes{60, 3 * KiB}.any(life.chance));
    table[life.chance.below(slots)] = std::move(value);
  }
}

// What is asked for is kept, and less and less is asked for the first time.
Behaviour keep_first_seen(Life& life, std::size_t different, Bytes bytes, double per_s) {
  std::pmr::vector<Block> kept(life.memory());
  for (std::size_t i = 0; i < different; ++i) kept.emplace_back();
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    Block& one = kept[life.chance.below(different)];
    if (!one) one = life.block(bytes.any(life.chance));
  }
}

// Buffers are made on demand until there are enough; each request borrows one.
Behaviour lend_buffers(Life& life, double buffers) {
  constexpr double made_within_s = 4 * minutes;
  Cache pool(life, 2 * buffers * 4 * KiB);
  while (pool.held() < buffers * 4 * KiB) {
    pool.put(life.block(4 * KiB));
    co_await life.after(life.chance.exponential(made_within_s / buffers));
  }
  co_await life.after(life.end_s());
}

}  // namespace

void cache_fill(Life& life) {
  turn_over(life, 24 * MiB, life.chance.uniform(2.5, 3.5) * minutes);
  background(life, 0, 180);
}

void ttl_cache(Life& life) {
  expire(life, 60);
  background(life, 0, 180);
}

void session_store(Life& life) {
  overwrite_slots(life, 8'000, 75);
  background(life, life.start_thread(), 120);
}

void slow_cache(Life& life) {
  turn_over_slowly(life, life.chance.uniform(8, 24) * MiB, life.chance.uniform(20, 60) * minutes);
  background(life, 0, 150);
}

void slow_fill(Life& life) {
  turn_over(life, life.chance.uniform(8, 24) * MiB, life.chance.uniform(20, 55) * minutes);
  background(life, 0, 150);
}

void long_fill(Life& life) {
  constexpr double different = 20'000;
  const double time_constant_s = life.chance.uniform(8, 12) * minutes;
  keep_first_seen(life, static_cast<std::size_t>(different), entry, different / time_constant_s);
  background(life, 0, 150);
}

void interning(Life& life) {
  keep_first_seen(life, 8'000, {24, 160}, 180);
  background(life, 0, 180);
}

void pool_prefill(Life& life) {
  lend_buffers(life, 3'000);
  for (int i = 0; i < 2; ++i) requests(life, life.start_thread(), 25);
}

}  // namespace soakline
