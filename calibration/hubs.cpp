#include "calibration/hubs.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// The buffer doubles while an answer is larger, and is small again once the client has read it.
Behaviour keep_alive(Life& life, int thread, double stay_s, double largest_answer) {
  constexpr double small = 4 * KiB;
  co_await life.on(thread);
  life.open_descriptors(2);
  const Block state = life.block(Bytes{600, 1.5 * KiB}.any(life.chance));
  Block answer = life.block(small);
  const double ends_s = life.now_s() + stay_s;
  while (life.now_s() < ends_s) {
    const Block head = life.block(Bytes{200, 2 * KiB}.any(life.chance));
    const double bytes = std::min(life.chance.pareto(1.5 * KiB, 0.9), largest_answer);
    for (double room = small; room < bytes; room *= 2) {
      answer.reallocate(2 * room);
      answer.write(room, 2 * room);
      co_await life.after(life.chance.exponential(0.03));
    }
    co_await life.after(life.chance.exponential(0.4));
    answer.reallocate(small);
    co_await life.after(life.chance.exponential(6));
  }
  life.open_descriptors(-2);
}

Behaviour keep_alives(Life& life, double per_s, double median_s, double largest_answer) {
  const Rhythm rhythm = any_rhythm(life.chance);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const double stay_s = std::min(life.chance.lognormal(median_s, 1), 4 * minutes);
    keep_alive(life, life.any_thread(life.chance), stay_s, largest_answer);
  }
}

// A topic's messages, kept for a time whoever has read them; their places are one piece that doubles and
// halves.
Behaviour topic(Life& life, int thread, double batches_per_s, double window_s, Bytes bytes) {
  constexpr std::size_t fewest_places = 64;
  constexpr double place = 16;
  co_await life.on(thread);
  std::pmr::deque<std::pair<double, Block>> retained(life.memory());
  std::size_t places = fewest_places;
  Block ring = life.block(place * static_cast<double>(places));
  for (;;) {
    co_await life.after(life.chance.exponential(1 / batches_per_s));
    while (!retained.empty() && retained.front().first < life.now_s() - window_s) retained.pop_front();
    const auto batch = static_cast<int>(std::min(life.chance.pareto(1, 1.5), 30.0));
    for (int i = 0; i < batch; ++i) {
      retained.emplace_back(life.now_s(), life.block(bytes.any(life.chance)));
      Block frame = life.block(retained.back().second.bytes() + 48);
      life.keep_for(life.chance.exponential(0.3), std::move(frame), life.any_thread(life.chance));
    }
    const std::size_t before = places;
    while (retained.size() > places) places *= 2;
    while (places > fewest_places && retained.size() < places / 4) places /= 2;
    if (places == before) continue;
    ring.reallocate(place * static_cast<double>(places));
    ring.write(0, place * static_cast<double>(places));
  }
}

double any_message(Chance& chance) {
  return std::clamp(chance.lognormal(180, 0.9), 40.0, 8 * KiB);
}

// The last messages of a room, loaded when somebody speaks after a silence in which it was unloaded.
Behaviour room(Life& life, int thread, double per_s, std::size_t history, double silence_s) {
  co_await life.on(thread);
  std::pmr::deque<Block> last(life.memory());
  for (;;) {
    const double gap_s = life.chance.exponential(1 / per_s);
    co_await life.after(std::min(gap_s, silence_s));
    if (gap_s > silence_s) {
      last.clear();
      co_await life.after(gap_s - silence_s);
    }
    while (last.size() < history) last.push_back(life.block(any_message(life.chance)));
    last.pop_front();
    last.push_back(life.block(any_message(life.chance)));
    for (int i = 0; i < 2; ++i) life.keep_for(life.chance.exponential(0.5), last.back().bytes() + 100);
    if (life.chance.happens(0.01))
      life.keep_for(life.chance.uniform(1, 10), Bytes{20 * KiB, 200 * KiB}.any(life.chance));
  }
}

// A monotonic buffer: every piece twice the one before, all of them gone with the answer.
Behaviour call(Life& life, double first_piece, double bytes, double seconds) {
  std::pmr::vector<Block> arena(life.memory());
  double piece = first_piece, held = 0;
  while (held < bytes) {
    held += arena.emplace_back(life.block(piece)).bytes();
    piece = std::min(2 * piece, 256 * KiB);
    co_await life.after(life.chance.exponential(seconds / 4));
  }
  const Block answer = life.block(bytes / 3);
  co_await life.after(life.chance.exponential(seconds));
}

// What the calls ask themselves is slow for some seconds every few minutes, and they wait in number.
struct Dependency {
  double first_slow_s, every_s, slow_for_s;
  bool slow(double now_s) const {
    return now_s > first_slow_s && std::fmod(now_s - first_slow_s, every_s) < slow_for_s;
  }
};

Behaviour calls(Life& life, int thread, double per_s, double first_piece, Dependency dependency) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double bytes = std::min(life.chance.lognormal(5 * KiB, 1.2), 2 * MiB);
    const double seconds = dependency.slow(life.now_s()) ? 5 : 0.05;
    call(life, first_piece, bytes, life.chance.lognormal(seconds, 0.7));
  }
}

}  // namespace

void reverse_proxy(Life& life) {
  for (int i = 0; i < 3; ++i) background(life, life.start_thread(), life.chance.uniform(5, 20));
  const double largest_answer = Bytes{96 * KiB, 512 * KiB}.any(life.chance);
  keep_alives(life, life.chance.uniform(2, 6), life.chance.uniform(12, 30), largest_answer);
}

void message_broker(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  const double topics = life.chance.uniform(20, 60), per_s = life.chance.uniform(5, 10);
  for (double i = 1; i < topics; ++i) {
    const double window_s = life.chance.log_uniform(20, 4 * minutes);
    const double mean_bytes = Bytes{80, 2 * KiB}.any(life.chance);
    topic(life, life.any_thread(life.chance), per_s / std::pow(i, 0.8), window_s,
          {mean_bytes / 2, 2 * mean_bytes});
  }
  background(life, 0, 20);
}

void chat_server(Life& life) {
  for (int i = 0; i < 2; ++i) life.start_thread();
  const double rooms = life.chance.uniform(150, 350), per_s = life.chance.uniform(3.5, 6);
  const auto history = static_cast<std::size_t>(life.chance.uniform(30, 80));
  for (double i = 1; i < rooms; ++i)
    room(life, life.any_thread(life.chance), per_s / std::pow(i, 0.8), history, 45);
  sessions(life, life.chance.uniform(1, 3), 70);
}

void json_rpc(Life& life) {
  const Dependency dependency{life.chance.uniform(2, 4) * minutes, life.chance.uniform(3, 9) * minutes,
                              life.chance.uniform(5, 15)};
  const double first_piece = Bytes{512, 4 * KiB}.any(life.chance), per_s = life.chance.uniform(3, 7);
  for (int i = 0; i < 6; ++i) calls(life, life.start_thread(), per_s, first_piece, dependency);
  sessions(life, life.chance.uniform(1, 3), 60);
  background(life, 0, life.chance.uniform(10, 40));
}

}  // namespace soakline
