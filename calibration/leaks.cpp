#include "calibration/leaks.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace soakline {
namespace {

constexpr double minute = 60;

// Blocks of one size after another, at even odds anywhere in their share of the time: the rate holds over any
// few of them.
Behaviour blocks_of(Life& life, Leak leak, double bytes) {
  co_await life.after(leak.start_s);
  for (;;) {
    const double share_s = bytes / leak.bytes_per_s, at = life.leak_chance.uniform(0, share_s);
    co_await life.after(at);
    bytes = life.leak(bytes);
    co_await life.after(share_s - at);
  }
}

Behaviour steady_blocks(Life& life, Leak leak) {
  co_await life.after(leak.start_s);
  for (;;) {
    const double bytes = life.leak(life.leak_chance.log_uniform(48, 300));
    co_await life.after(life.leak_chance.exponential(bytes / leak.bytes_per_s));
  }
}

double any_size(Chance& chance) {
  return std::clamp(chance.lognormal(256, 1.2), 16.0, 8192.0);
}

Behaviour mixed_blocks(Life& life, Leak leak) {
  co_await life.after(leak.start_s);
  for (;;) {
    const double bytes = life.leak(any_size(life.leak_chance));
    co_await life.after(bytes / leak.bytes_per_s);
  }
}

Behaviour blocks_under_load(Life& life, Leak leak) {
  constexpr double duty = 0.4;
  const double period_s = life.leak_chance.uniform(5, 12) * minute;
  const double phase_s = life.leak_chance.uniform(0, period_s);
  co_await life.after(leak.start_s);
  double owed = 0;
  for (;;) {
    const bool loaded = std::fmod(life.now_s() + phase_s, period_s) < duty * period_s;
    if (loaded) owed += leak.bytes_per_s / duty;
    while (owed > 0) owed -= life.leak(life.leak_chance.log_uniform(48, 300));
    co_await life.after(1);
  }
}

// What is owed is made on one thread, then on another: going over may take up to a second.
Behaviour blocks_of_threads(Life& life, Leak leak) {
  if (life.threads() == 1)
    for (int i = 0; i < 4; ++i) life.start_thread();
  co_await life.after(leak.start_s);
  for (double made = 0;;) {
    const double owed = leak.bytes_per_s * (life.now_s() - leak.start_s);
    while (made < owed) made += life.leak(life.leak_chance.log_uniform(48, 300));
    co_await life.after(life.leak_chance.exponential(1));
    co_await life.on(life.any_thread(life.leak_chance));
  }
}

// A list of handlers in one piece, whose room doubles when it is full: live bytes are one to two times what
// is in it.
Behaviour growing_container(Life& life, Leak leak) {
  constexpr double handler = 64;
  double room = 4096, written = 0;
  co_await life.after(leak.start_s);
  std::optional<Block> handlers;
  if (!life.collected()) handlers = life.block(room);
  for (;;) {
    written += handler;
    if (!handlers) {
      life.leak(handler);
    } else {
      life.count_leaked(handler);
      if (written > room) {
        room *= 2;
        handlers->reallocate(room);
      }
      handlers->write(written - handler, written);
    }
    co_await life.after(handler / leak.bytes_per_s);
  }
}

constexpr std::array shapes = {
    LeakShape{"steady", [](Life& life, const Leak& leak) { steady_blocks(life, leak); },
              "blocks of 48 to 300 bytes at random times"},
    LeakShape{"mixed", [](Life& life, const Leak& leak) { mixed_blocks(life, leak); },
              "many sizes: 16 bytes to 8 KiB, lognormal"},
    LeakShape{"burst", [](Life& life, const Leak& leak) { blocks_of(life, leak, 64 * 1024); },
              "64 KiB at once, about one a minute at the limit"},
    LeakShape{"late", [](Life& life, const Leak& leak) { steady_blocks(life, leak); },
              "as steady, from 20 to 60 minutes on"},
    LeakShape{"load", [](Life& life, const Leak& leak) { blocks_under_load(life, leak); },
              "small blocks in 40 % of every 5 to 12 minutes, 2.5 times as many"},
    LeakShape{"threads", [](Life& life, const Leak& leak) { blocks_of_threads(life, leak); },
              "as steady, from any of the threads and their arenas"},
    LeakShape{"container", [](Life& life, const Leak& leak) { growing_container(life, leak); },
              "a list in one piece that doubles; the rate is of what is in it"},
    LeakShape{"big", [](Life& life, const Leak& leak) { blocks_of(life, leak, 200 * 1024); },
              "200 KiB at once, mapped by malloc"},
};

}  // namespace

std::span<const LeakShape> leak_shapes() {
  return shapes;
}

const LeakShape* find_leak_shape(std::string_view name) {
  const auto found =
      std::find_if(shapes.begin(), shapes.end(), [&](const auto& shape) { return shape.name == name; });
  return found == shapes.end() ? nullptr : &*found;
}

}  // namespace soakline
