#include "calibration/generations.hpp"

#include <deque>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// One match after another: a world whose things are replaced as they are shot, and a replay that grows.
Behaviour matches(Life& life, int thread, double first_s, double things) {
  constexpr Bytes thing{32, 500};
  co_await life.on(thread);
  co_await life.after(first_s);
  for (;;) {
    std::pmr::vector<Block> world(life.memory());
    while (static_cast<double>(world.size()) < things) world.push_back(life.block(thing.any(life.chance)));
    const Block map = life.block(Bytes{12 * KiB, 48 * KiB}.any(life.chance));
    double room = 2 * KiB, written = 0;
    Block replay = life.block(room);
    const double ends_s = life.now_s() + life.chance.uniform(3, 8) * minutes;
    while (life.now_s() < ends_s) {
      co_await life.after(life.chance.exponential(0.8));
      world[life.chance.below(world.size())] = life.block(thing.any(life.chance));
      life.keep_for(life.chance.exponential(1.5), Bytes{24, 200}.any(life.chance));
      written += life.chance.uniform(20, 100);
      if (written < room) continue;
      replay.reallocate(1.5 * room);
      replay.write(room, 1.5 * room);
      room *= 1.5;
    }
    life.keep_for(life.chance.uniform(20, 60), Bytes{KiB, 4 * KiB}.any(life.chance));
    world.clear();
    co_await life.after(life.chance.uniform(2, 20));
  }
}

struct Series {
  Block labels, samples;
  double room = 64, written = 0, bytes_per_sample = 8;
};

Series new_series(Life& life) {
  Series series;
  series.labels = life.block(Bytes{80, 400}.any(life.chance));
  series.samples = life.block(series.room);
  series.bytes_per_sample = life.chance.uniform(4, 24);
  return series;
}

// Samples gather in a piece that doubles, and are sent when it is full.
void add_sample(Life& life, Series& series) {
  constexpr double full = 512;
  series.written += series.bytes_per_sample;
  if (series.written < series.room) return;
  if (series.room < full) {
    series.samples.reallocate(2 * series.room);
    series.samples.write(series.room, 2 * series.room);
    series.room *= 2;
  } else {
    series.room = 64;
    series.written = 0;
    series.samples = life.block(series.room);
  }
}

// A hash table that is made anew, twice or half as large, when it is too full or too empty.
class Table {
 public:
  explicit Table(Life& life) : life_(&life), buckets_(life.block(bucket * places_)) {}
  void hold(std::size_t entries) {
    const auto held = static_cast<double>(entries);
    const double before = places_;
    while (held > 0.75 * places_) places_ *= 2;
    while (places_ > 1024 && held < 0.36 * places_) places_ /= 2;
    if (places_ != before) buckets_ = life_->block(bucket * places_);
  }

 private:
  static constexpr double bucket = 24;
  double places_ = 1024;
  Life* life_;
  Block buckets_;
};

// Asks one target after another. A deployment replaces all of them, and with them their series; those not
// seen any more are forgotten after four minutes.
Behaviour scrape(Life& life, std::size_t targets, double series_each, double every_s, double deploy_s) {
  constexpr double forgotten_s = 4 * minutes;
  std::pmr::vector<std::pmr::vector<Series>> seen(targets, life.memory());
  std::pmr::deque<std::pair<double, Series>> stale(life.memory());
  Table table(life);
  std::size_t held = 0, to_replace = 0;
  double next_deploy_s = life.chance.uniform(1.2, 1.8) * minutes;
  for (std::size_t target = 0;; target = (target + 1) % targets) {
    co_await life.after(every_s / static_cast<double>(targets));
    life.keep_for(life.chance.uniform(0.05, 0.3), Bytes{4 * KiB, 64 * KiB}.any(life.chance));
    if (life.now_s() > next_deploy_s) {
      to_replace = targets;
      next_deploy_s += deploy_s;
    }
    const double gone = to_replace > 0 ? 1 : 0.004;
    if (to_replace > 0) --to_replace;
    for (Series& series : seen[target]) {
      add_sample(life, series);
      if (!life.chance.happens(gone)) continue;
      stale.emplace_back(life.now_s() + forgotten_s, std::exchange(series, new_series(life)));
      ++held;
    }
    for (; static_cast<double>(seen[target].size()) < series_each; ++held)
      seen[target].push_back(new_series(life));
    for (; !stale.empty() && stale.front().first < life.now_s(); --held) stale.pop_front();
    table.hold(held);
  }
}

}  // namespace

void game_server(Life& life) {
  const double count = life.chance.uniform(25, 60), things = life.chance.uniform(300, 900);
  for (int i = 0; i < 4; ++i) life.start_thread();
  for (double i = 0; i < count; ++i)
    matches(life, life.any_thread(life.chance), life.chance.uniform(0, 3) * minutes, things);
  sessions(life, 1, 80);
}

void metrics_agent(Life& life) {
  const auto targets = static_cast<std::size_t>(life.chance.uniform(20, 60));
  scrape(life, targets, life.chance.uniform(30, 80), life.chance.uniform(8, 15),
         life.chance.uniform(5, 9) * minutes);
  background(life, 0, life.chance.uniform(10, 40));
}

}  // namespace soakline
