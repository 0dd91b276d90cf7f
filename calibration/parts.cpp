#include "calibration/parts.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace soakline {
namespace {

// Whatever comes and goes must have come in full number when 0.4 of the warm-up is over.
constexpr double longest_stay_s = 5 * minutes;

}  // namespace

double Rhythm::load(double now_s) const {
  return 1 + swing * std::cos(2 * std::numbers::pi * (now_s - peak_s) / period_s);
}

Rhythm any_rhythm(Chance& chance) {
  return {chance.uniform(6, 15) * minutes, chance.uniform(0.2, 0.6), chance.uniform(3, 4.5) * minutes};
}

bool Spells::on(Life& life) {
  while (life.now_s() > ends_s_) {
    begins_s_ = ends_s_ + life.chance.exponential(mean_gap_s_);
    ends_s_ = begins_s_ + life.chance.uniform(least_s_, most_s_);
  }
  return life.now_s() >= begins_s_;
}

void Buffer::append(double bytes) {
  const double before = room_;
  written_ += bytes;
  while (room_ < written_) room_ *= factor_;
  if (room_ == before) return;
  piece_.reallocate(room_);
  piece_.write(before, room_);
}

Block Buffer::take() {
  piece_.reallocate(std::max(1.0, written_));
  return std::move(piece_);
}

void Cache::put(Block entry) {
  held_ += entry.bytes();
  entries_.push_back(std::move(entry));
  while (held_ > room_) {
    if (life_->chance.happens(asked_again_)) {
      entries_.push_back(std::move(entries_.front()));
      entries_.pop_front();
    } else {
      drop_oldest();
    }
  }
}

void Cache::drop_oldest() {
  held_ -= entries_.front().bytes();
  entries_.pop_front();
}

void Cache::clear() {
  entries_.clear();
  held_ = 0;
}

Behaviour configuration(Life& life, double entries, Bytes bytes) {
  std::pmr::vector<Block> read(life.memory());
  while (static_cast<double>(read.size()) < entries) read.push_back(life.block(bytes.any(life.chance)));
  co_await life.after(life.end_s());
}

Behaviour churn(Life& life, int thread, double per_s, Bytes bytes, double mean_life_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    life.keep_for(life.chance.exponential(mean_life_s), bytes.any(life.chance));
  }
}

Behaviour background(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double bytes = std::clamp(life.chance.lognormal(150, 1.5), 16.0, 64 * KiB);
    life.keep_for(std::min(life.chance.lognormal(2, 2.3), longest_stay_s), bytes);
  }
}

void serve_request(Life& life, double seconds) {
  const Block head = life.block(Bytes{64, 512}.any(life.chance));
  const Block body = life.block(Bytes{200, 8 * KiB}.any(life.chance));
  for (int i = 0; i < 4; ++i)
    life.keep_for(seconds * life.chance.uniform(0.1, 1), Bytes{24, 400}.any(life.chance));
  life.keep_for(seconds, Bytes{500, 16 * KiB}.any(life.chance));
}

Behaviour requests(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    serve_request(life, life.chance.lognormal(0.02, 1));
  }
}

Behaviour session(Life& life, int thread, double seconds) {
  co_await life.on(thread);
  life.open_descriptors(1);
  const Block state = life.block(Bytes{400, 2 * KiB}.any(life.chance));
  const Block buffer = life.block(Bytes{2 * KiB, 8 * KiB}.any(life.chance));
  co_await life.after(std::min(seconds, longest_stay_s));
  co_await life.on(life.any_thread(life.chance));
  life.open_descriptors(-1);
}

Behaviour sessions(Life& life, double per_s, double mean_s) {
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    session(life, life.any_thread(life.chance), life.chance.exponential(mean_s));
  }
}

}  // namespace soakline
