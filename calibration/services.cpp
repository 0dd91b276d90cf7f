#include "calibration/services.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Every five seconds measures something and keeps the last measurements.
Behaviour measure(Life& life) {
  Cache history(life, 400 * KiB, 0.1);
  for (;;) {
    co_await life.after(5);
    for (int i = 0; i < 150; ++i)
      life.keep_for(life.chance.uniform(0, 0.05), Bytes{24, 600}.any(life.chance));
    for (int i = 0; i < 60; ++i) history.put(life.block(Bytes{32, 512}.any(life.chance)));
  }
}

Behaviour report(Life& life) {
  for (;;) {
    co_await life.after(30);
    life.keep_for(1, Bytes{8 * KiB, 24 * KiB}.any(life.chance));
  }
}

// As many sessions as the load brings: up and down by `swing` of the mean; the first peak comes early.
Behaviour sessions_in_waves(Life& life, double mean_per_s, double swing, double period_s, double mean_s) {
  const double first_peak_s = life.chance.uniform(3, 4.5) * minutes;
  for (;;) {
    const double height = std::cos(2 * std::numbers::pi * (life.now_s() - first_peak_s) / period_s);
    co_await life.after(life.chance.exponential(1 / (mean_per_s * (1 + swing * height))));
    session(life, life.any_thread(life.chance), life.chance.exponential(mean_s));
  }
}

// One-off growth that is meant: a table, a dictionary is loaded and kept.
Behaviour step(Life& life, double at_s, double bytes) {
  Cache loaded(life, 2 * bytes);
  co_await life.after(at_s);
  while (loaded.held() < bytes) loaded.put(life.block(Bytes{64, 4 * KiB}.any(life.chance)));
  co_await life.after(life.end_s());
}

Behaviour connect(Life& life, double seconds) {
  life.open_descriptors(1);
  const Block state = life.block(Bytes{300, KiB}.any(life.chance));
  const Block input = life.block(16 * KiB), output = life.block(4 * KiB);
  co_await life.after(seconds);
  life.open_descriptors(-1);
}

Behaviour storms(Life& life) {
  double clients = 500;  // the first storm is the largest
  co_await life.after(life.chance.uniform(2, 4) * minutes);
  for (;;) {
    for (int i = 0; i < static_cast<int>(clients); ++i) connect(life, life.chance.uniform(5, 40));
    clients = life.chance.uniform(200, 500);
    co_await life.after(life.chance.uniform(3, 8) * minutes);
  }
}

Behaviour sessions_with_long_tails(Life& life, double per_s) {
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    session(life, life.any_thread(life.chance), life.chance.lognormal(12, 1.5));
  }
}

// A thread of the pool: serves for a while and ends, as the pool shrinks again.
Behaviour pool_thread(Life& life) {
  const int thread = life.start_thread();
  const double ends_s = life.now_s() + life.chance.uniform(20, 150);
  co_await life.on(thread);
  while (life.now_s() < ends_s) {
    serve_request(life, life.chance.lognormal(0.02, 1));
    co_await life.after(life.chance.exponential(0.05));
  }
  co_await life.on(0);
  life.end_thread(thread);
}

Behaviour pool_by_demand(Life& life, int least, int most) {
  for (;;) {
    if (life.threads() < most && (life.threads() < least || life.chance.happens(0.6))) pool_thread(life);
    co_await life.after(life.chance.exponential(15));
  }
}

// What one thread puts in and another takes out, some seconds late and sometimes half a minute.
Behaviour produce(Life& life, int producer, int consumer, double per_s) {
  double consumer_awake_s = 0;
  co_await life.on(producer);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    if (life.chance.happens(1 / (90 * per_s))) consumer_awake_s = life.now_s() + life.chance.uniform(5, 30);
    life.keep_for(std::max(0.0, consumer_awake_s - life.now_s()) + life.chance.exponential(0.5),
                  life.block(Bytes{100, 3 * KiB}.any(life.chance)), consumer);
  }
}

}  // namespace

void agent(Life& life) {
  measure(life);
  report(life);
  background(life, 0, 8);
}

void server(Life& life) {
  for (int i = 0; i < 8; ++i) requests(life, life.start_thread(), 20);
  sessions(life, 8, 50);
}

void wave(Life& life) {
  sessions_in_waves(life, 8, 0.6, life.chance.uniform(8, 12) * minutes, 40);
  background(life, 0, 180);
  step(life, life.chance.uniform(15, 60) * minutes, MiB);
}

void daily_rhythm(Life& life) {
  const int worker = life.start_thread();
  sessions_in_waves(life, 10, 0.8, life.chance.uniform(12, 20) * minutes, 30);
  requests(life, worker, 20);
  background(life, worker, 120);
}

void connection_storms(Life& life) {
  storms(life);
  sessions(life, 1, 60);
  background(life, 0, 120);
}

void long_sessions(Life& life) {
  for (int i = 0; i < 3; ++i) background(life, life.start_thread(), 75);
  sessions_with_long_tails(life, 12);
}

void elastic_pool(Life& life) {
  pool_by_demand(life, 3, 12);
  background(life, 0, 60);
}

void queue_backlog(Life& life) {
  const int producer = life.start_thread(), consumer = life.start_thread();
  produce(life, producer, consumer, 120);
  background(life, consumer, 90);
}

void steps(Life& life) {
  sessions(life, 4, 40);
  background(life, 0, 120);
  step(life, life.chance.uniform(8, 30) * minutes, life.chance.uniform(0.5, 2) * MiB);
  step(life, life.chance.uniform(30, 70) * minutes, life.chance.uniform(0.5, 4) * MiB);
}

}  // namespace soakline
