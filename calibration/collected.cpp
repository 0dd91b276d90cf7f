#include "calibration/collected.hpp"

#include "calibration/collected_heap.hpp"
#include "calibration/parts.hpp"

namespace soakline {
namespace {

constexpr auto reserved = static_cast<std::size_t>(512 * MiB);
constexpr double loading_s = 4 * minutes;

// What the program needs for good, loaded while it starts.
Behaviour load(Life& life, CollectedHeap& heap, double bytes) {
  for (double at_s = 0; at_s < loading_s; at_s += 1) {
    heap.retain(bytes / loading_s);
    co_await life.after(1);
  }
}

// Requests make garbage, unevenly; when so much was made since the last collection, there is one.
Behaviour collect_when_full(Life& life, double garbage_per_s, double garbage_room) {
  CollectedHeap heap(reserved);
  life.use(heap);
  load(life, heap, life.chance.uniform(6, 16) * MiB);
  for (;;) {
    for (double garbage = 0; garbage < garbage_room;) {
      const double more = life.chance.lognormal(0.9 * garbage_per_s, 0.5);
      heap.allocate(more);
      garbage += more;
      co_await life.after(1);
    }
    heap.collect();
  }
}

// A nursery that is full twice a minute; a few per cent of it outlive that and are found dead only by a full
// collection, which comes when it comes.
Behaviour collect_by_generation(Life& life) {
  CollectedHeap nursery(reserved), old(reserved);
  life.use(old);
  load(life, old, life.chance.uniform(6, 16) * MiB);
  for (;;) {
    const double full_collection_s = life.now_s() + life.chance.uniform(4, 14) * minutes;
    while (life.now_s() < full_collection_s) {
      nursery.allocate(life.chance.lognormal(120 * KiB, 0.5));
      if (nursery.used() > 4 * MiB) {
        old.allocate(life.chance.uniform(0.01, 0.06) * nursery.used());
        nursery.collect();
      }
      co_await life.after(1);
    }
    old.collect();
  }
}

}  // namespace

void collected_regular(Life& life) {
  const double room = life.chance.uniform(16, 48) * MiB;
  collect_when_full(life, room / (life.chance.uniform(3, 6) * minutes), room);
}

void collected_generational(Life& life) {
  collect_by_generation(life);
}

void collected_late(Life& life) {
  const double garbage_per_s = life.chance.uniform(5, 11) * 90e6 / 86'400;
  collect_when_full(life, garbage_per_s, garbage_per_s * life.chance.uniform(40, 90) * minutes);
}

}  // namespace soakline
