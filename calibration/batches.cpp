#include "calibration/batches.hpp"

#include <algorithm>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

Behaviour log(Life& life, double rotate_bytes, double lines_per_s) {
  Cache lines(life, 2 * rotate_bytes);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / lines_per_s));
    lines.put(life.block(Bytes{80, 400}.any(life.chance)));
    if (lines.held() > rotate_bytes) lines.clear();
  }
}

// Objects of all sizes, freed on whichever thread has them last.
Behaviour scatter(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double bytes = std::clamp(life.chance.lognormal(300, 1.8), 16.0, 64 * KiB);
    const double stay_s = std::min(life.chance.lognormal(2, 2), 4 * minutes);
    life.keep_for(stay_s, life.block(bytes), life.any_thread(life.chance));
  }
}

// Segments pile up until a merge keeps one object in ten. The first pile is complete after five minutes.
Behaviour pile_up_and_merge(Life& life, double pile_bytes, double least_s, double most_s) {
  constexpr double mean_object = 650;
  std::pmr::vector<Block> pile(life.memory());
  double pile_s = 5 * minutes;
  for (;;) {
    double held = 0;
    for (const Block& object : pile) held += object.bytes();
    const double gap_s = pile_s * mean_object / (pile_bytes - held);
    while (held < pile_bytes) {
      co_await life.after(life.chance.exponential(gap_s));
      held += pile.emplace_back(life.block(Bytes{40, 3 * KiB}.any(life.chance))).bytes();
    }
    std::pmr::vector<Block> merged(life.memory());
    for (Block& object : pile)
      if (life.chance.happens(0.1)) merged.push_back(life.block(object.bytes()));
    pile = std::move(merged);
    pile_s = life.chance.uniform(least_s, most_s);
  }
}

// Bursts of as much as 6 MiB, one of that size while the program starts.
Behaviour bursts(Life& life) {
  double bytes = 6 * MiB;
  co_await life.after(life.chance.uniform(1, 4) * minutes);
  for (;;) {
    while (bytes > 0) {
      Block piece = life.block(Bytes{32, 4 * KiB}.any(life.chance));
      bytes -= piece.bytes();
      life.keep_for(life.chance.uniform(1, 8), std::move(piece));
    }
    bytes = std::min(life.chance.pareto(32 * KiB, 1.1), 6 * MiB);
    co_await life.after(life.chance.exponential(15));
  }
}

// The new version is loaded before the old one is unloaded.
Behaviour reload(Life& life, double bytes) {
  Cache old(life, 10 * bytes);
  for (;;) {
    Cache loaded(life, 10 * bytes);
    Block image = life.block(300 * KiB);
    while (loaded.held() < bytes) loaded.put(life.block(Bytes{24, 8 * KiB}.any(life.chance)));
    co_await life.after(life.chance.uniform(1, 10));
    old.clear();
    co_await life.after(life.chance.uniform(1.5, 3) * minutes);
    old = std::move(loaded);
  }
}

Behaviour jobs(Life& life, int thread, double bytes) {
  co_await life.on(thread);
  for (;;) {
    {
      Cache working_set(life, 2 * bytes);
      const double gap_s = life.chance.uniform(0.004, 0.008);
      while (working_set.held() < bytes) {
        working_set.put(life.block(Bytes{32, 6 * KiB}.any(life.chance)));
        co_await life.after(gap_s);
      }
    }
    co_await life.after(life.chance.uniform(20, 90));
  }
}

Behaviour parse_documents(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double seconds = std::min(life.chance.lognormal(0.3, 1.5), minutes);
    const auto nodes = std::min<std::size_t>(static_cast<std::size_t>(life.chance.pareto(250, 1.3)), 5'000);
    for (std::size_t i = 0; i < nodes; ++i)
      life.keep_for(seconds + life.chance.uniform(0, 0.1), Bytes{24, 160}.any(life.chance));
  }
}

}  // namespace

void log_rotation(Life& life) {
  log(life, 4 * MiB, life.chance.uniform(80, 150));
  background(life, 0, 180);
}

void fragmentation(Life& life) {
  for (int i = 0; i < 4; ++i) scatter(life, life.start_thread(), 50);
}

void compaction_regular(Life& life) {
  const double period_s = life.chance.uniform(5, 12) * minutes;
  pile_up_and_merge(life, 6 * MiB, period_s, period_s);
  background(life, 0, 150);
}

void compaction_irregular(Life& life) {
  pile_up_and_merge(life, 8 * MiB, 5 * minutes, 12 * minutes);
  background(life, life.start_thread(), 150);
}

void heavy_tail_bursts(Life& life) {
  bursts(life);
  sessions(life, 2, 60);
  background(life, 0, 120);
}

void plugins(Life& life) {
  reload(life, 3 * MiB);
  background(life, 0, 180);
}

void batch_jobs(Life& life) {
  for (int i = 0; i < 2; ++i) jobs(life, life.start_thread(), 5 * MiB);
  background(life, 0, 120);
}

void documents(Life& life) {
  for (int i = 0; i < 4; ++i) parse_documents(life, life.start_thread(), 0.15);
  sessions(life, 2, 40);
}

void big_buffers(Life& life) {
  churn(life, 0, 0.7, {64 * KiB, 2 * MiB}, 6);
  background(life, 0, 240);
}

}  // namespace soakline
