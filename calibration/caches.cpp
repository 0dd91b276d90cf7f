#include "calibration/caches.hpp"

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Entries of 200 to 2,000 bytes, as many a second as turn the cache over in `turnover_s`.
Behaviour fill(Life& life, double room_bytes, double turnover_s) {
  constexpr Bytes entry{200, 2000};
  constexpr double mean_entry = 781;
  Cache cache(life, room_bytes);
  for (;;) {
    co_await life.after(life.chance.exponential(turnover_s * mean_entry / room_bytes));
    cache.put(life.block(entry.any(life.chance)));
  }
}

Behaviour log(Life& life, double rotate_bytes, double lines_per_s) {
  Cache lines(life, 2 * rotate_bytes);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / lines_per_s));
    lines.put(life.block(Bytes{80, 400}.any(life.chance)));
    if (lines.held() > rotate_bytes) lines.clear();
  }
}

}  // namespace

void cache_fill(Life& life) {
  fill(life, 24 * MiB, life.chance.uniform(3, 4) * minutes);
  churn(life, 0, 100, {24, 4 * KiB}, 0.2);
}

void log_rotation(Life& life) {
  log(life, 4 * MiB, life.chance.uniform(80, 150));
  churn(life, 0, 100, {24, 4 * KiB}, 0.2);
}

}  // namespace soakline
