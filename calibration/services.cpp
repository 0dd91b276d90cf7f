// Programs that wait for timers and requests.
#include "calibration/services.hpp"

#include <cmath>
#include <numbers>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Every five seconds measures something, keeps the last hundred measurements, writes a report every half
// minute.
Behaviour measure(Life& life) {
  Cache history(life, 400 * KiB);
  for (;;) {
    co_await life.after(5);
    for (int i = 0; i < 150; ++i)
      life.keep_for(life.chance.uniform(0, 0.05), Bytes{24, 600}.any(life.chance));
    for (int i = 0; i < 40; ++i) history.put(life.block(Bytes{32, 512}.any(life.chance)));
  }
}

Behaviour report(Life& life) {
  for (;;) {
    co_await life.after(30);
    life.keep_for(1, Bytes{8 * KiB, 24 * KiB}.any(life.chance));
  }
}

Behaviour requests(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    serve_request(life, life.chance.lognormal(0.02, 1));
  }
}

// Comes and goes; its buffers are freed where it ends, not where it began.
Behaviour session(Life& life, int thread, double seconds) {
  co_await life.on(thread);
  life.open_descriptors(1);
  const Block state = life.block(Bytes{400, 2 * KiB}.any(life.chance));
  const Block buffer = life.block(Bytes{2 * KiB, 8 * KiB}.any(life.chance));
  co_await life.after(seconds);
  co_await life.on(life.any_thread());
  life.open_descriptors(-1);
}

Behaviour sessions(Life& life, double per_s, double mean_s) {
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    session(life, life.any_thread(), std::min(life.chance.exponential(mean_s), 5 * minutes));
  }
}

// Sessions whose number rises and falls with the load, between `trough` and twice the mean.
Behaviour waves(Life& life, double mean_per_s, double period_s, double trough, double mean_s) {
  const double phase = life.chance.uniform(0, 2 * std::numbers::pi);
  for (;;) {
    const double height = std::sin(2 * std::numbers::pi * life.now_s() / period_s + phase);
    co_await life.after(life.chance.exponential(1 / (mean_per_s * (1 + (1 - trough) * height))));
    session(life, life.any_thread(), std::min(life.chance.exponential(mean_s), 5 * minutes));
  }
}

// One-off growth that is meant: a configuration, a table, a dictionary is loaded.
Behaviour step(Life& life, double at_s, double bytes) {
  Cache loaded(life, 2 * bytes);
  co_await life.after(at_s);
  while (loaded.held() < bytes) loaded.put(life.block(Bytes{64, 4 * KiB}.any(life.chance)));
  co_await life.after(life.end_s());
}

}  // namespace

void agent(Life& life) {
  measure(life);
  report(life);
}

void server(Life& life) {
  for (int i = 0; i < 8; ++i) requests(life, life.start_thread(), 20);
  sessions(life, 8, 50);
}

void wave(Life& life) {
  waves(life, 8, life.chance.uniform(8, 12) * minutes, 0.3, 30);
  churn(life, 0, 100, {24, 2 * KiB}, 0.5);
  step(life, life.chance.uniform(15, 60) * minutes, MiB);
}

}  // namespace soakline
