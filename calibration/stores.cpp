#include "calibration/stores.hpp"

#include <algorithm>
#include <cmath>
#include <list>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Of a catalogue few images are asked for often. The one not asked for longest goes when there is no room,
// and one that is too old is fetched anew.
Behaviour serve_images(Life& life, double per_s, double room_bytes, std::size_t catalogue, double max_age_s) {
  struct Image {
    std::size_t number;
    double fetched_s;
    Block pixels;
  };
  std::pmr::list<Image> by_use(life.memory());  // the last asked for first
  std::pmr::vector<std::pmr::list<Image>::iterator> places(catalogue, by_use.end(), life.memory());
  double held = 0;
  const auto drop = [&](std::pmr::list<Image>::iterator image) {
    held -= image->pixels.bytes();
    places[image->number] = by_use.end();
    by_use.erase(image);
  };
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double place = std::pow(life.chance.uniform(0, 1), 2.5) * static_cast<double>(catalogue);
    const auto number = static_cast<std::size_t>(place);
    life.keep_for(life.chance.exponential(0.2), Bytes{300, 2 * KiB}.any(life.chance));
    if (places[number] != by_use.end() && places[number]->fetched_s < life.now_s() - max_age_s)
      drop(places[number]);
    if (places[number] != by_use.end()) {
      by_use.splice(by_use.begin(), by_use, places[number]);
      continue;
    }
    life.keep_for(life.chance.uniform(0.1, 0.6), Bytes{5 * KiB, 60 * KiB}.any(life.chance));
    by_use.push_front({number, life.now_s(), life.block(Bytes{20 * KiB, 400 * KiB}.any(life.chance))});
    places[number] = by_use.begin();
    held += by_use.front().pixels.bytes();
    while (held > room_bytes) drop(std::prev(by_use.end()));
  }
}

// Frames of the buffer pool are made as pages are first read, and all of them stay.
Behaviour read_pages(Life& life, std::size_t frames, double filled_s) {
  std::pmr::vector<Block> pool(life.memory());
  while (pool.size() < frames) {
    pool.push_back(life.block(8 * KiB));
    co_await life.after(life.chance.exponential(filled_s / static_cast<double>(frames)));
  }
  co_await life.after(life.end_s());
}

Behaviour queries(Life& life, int thread, double per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double seconds = std::min(life.chance.lognormal(0.1, 1.5), 30.0);
    const auto nodes = static_cast<int>(life.chance.log_uniform(5, 40));
    for (int i = 0; i < nodes; ++i) life.keep_for(seconds, Bytes{32, 300}.any(life.chance));
    life.keep_for(seconds, 8 * KiB);
  }
}

// Builds a hash table of the smaller side: rows in pieces of 32 KiB, buckets that double; then looks up the
// other side. The first join is the largest.
Behaviour joins(Life& life, int thread, double least_pause_s, double most_pause_s) {
  constexpr double piece = 32 * KiB, buckets_share = 0.1;
  co_await life.on(thread);
  co_await life.after(life.chance.uniform(0.5, 4) * minutes);
  for (double bytes = 8 * MiB;; bytes = Bytes{2 * MiB, 8 * MiB}.any(life.chance)) {
    std::pmr::vector<Block> rows(life.memory());
    double room = 64 * KiB, held = 0;
    Block buckets = life.block(room);
    const double gap_s = life.chance.uniform(8, 20) * piece / bytes;
    for (; held < bytes; held += piece) {
      rows.push_back(life.block(piece));
      if (buckets_share * held > room) {
        room *= 2;
        buckets = life.block(room);
      }
      co_await life.after(gap_s);
    }
    co_await life.after(life.chance.uniform(10, 25));
    rows.clear();
    buckets.free();
    co_await life.after(life.chance.uniform(least_pause_s, most_pause_s));
  }
}

using Segment = std::pmr::vector<Block>;

// A few large pieces, and the small ones that describe them.
Segment segment_of(Life& life, double bytes) {
  Segment segment(life.memory());
  for (const double share : {0.45, 0.3, 0.15}) segment.push_back(life.block(share * bytes));
  for (double small = 0; small < 0.1 * bytes;)
    small += segment.emplace_back(life.block(Bytes{32, 400}.any(life.chance))).bytes();
  return segment;
}

// Documents become a small segment, four of these one of the next tier, and so on; the largest stays until
// the next of its size.
Behaviour index_documents(Life& life, double documents_per_s, double segment_bytes, double every_s) {
  constexpr std::size_t width = 4;
  std::pmr::vector<std::pmr::vector<Segment>> tiers(4, life.memory());
  for (;;) {
    const double flush_s = life.now_s() + every_s;
    {
      Segment buffered(life.memory());
      while (life.now_s() < flush_s) {
        co_await life.after(life.chance.exponential(1 / documents_per_s));
        for (int i = 0; i < 5; ++i) buffered.push_back(life.block(Bytes{24, 600}.any(life.chance)));
        life.keep_for(life.chance.exponential(0.1), Bytes{KiB, 16 * KiB}.any(life.chance));
      }
      tiers[0].push_back(segment_of(life, segment_bytes * life.chance.uniform(0.6, 1.4)));
    }
    for (std::size_t tier = 0; tier + 1 < tiers.size() && tiers[tier].size() == width; ++tier) {
      double bytes = 0;
      for (const Segment& segment : tiers[tier])
        for (const Block& part : segment) bytes += part.bytes();
      Segment merged = segment_of(life, 0.9 * bytes);
      co_await life.after(life.chance.uniform(0.2, 1.5));
      tiers[tier].clear();
      if (tier + 2 == tiers.size()) tiers.back().clear();
      tiers[tier + 1].push_back(std::move(merged));
    }
  }
}

}  // namespace

void image_cache(Life& life) {
  const double room_bytes = life.chance.uniform(16, 32) * MiB;
  const auto catalogue = static_cast<std::size_t>(life.chance.uniform(1'500, 4'000));
  serve_images(life, life.chance.uniform(3, 5), room_bytes, catalogue, life.chance.uniform(2, 5) * minutes);
  background(life, life.start_thread(), life.chance.uniform(20, 80));
}

void hash_joins(Life& life) {
  const auto frames = static_cast<std::size_t>(life.chance.uniform(400, 1'500));
  read_pages(life, frames, life.chance.uniform(2.5, 4) * minutes);
  const double least_pause_s = life.chance.uniform(20, 60);
  for (int i = 0; i < 2; ++i) {
    const int thread = life.start_thread();
    queries(life, thread, life.chance.uniform(2, 4));
    joins(life, thread, least_pause_s, 3 * least_pause_s);
  }
  sessions(life, 0.5, 100);
}

void search_index(Life& life) {
  index_documents(life, life.chance.uniform(5, 12), Bytes{16 * KiB, 64 * KiB}.any(life.chance),
                  life.chance.uniform(1.6, 2.2));
  for (int i = 0; i < 2; ++i)
    churn(life, life.start_thread(), life.chance.uniform(10, 30), {64, 16 * KiB}, 0.3);
  background(life, 0, life.chance.uniform(10, 40));
}

}  // namespace soakline
