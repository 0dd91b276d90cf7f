#include "calibration/content.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Pieces for arenas. Those given back are kept for the next request, the last one first, and freed when they
// have been idle for long.
class Pieces {
 public:
  Pieces(Life& life, double bytes, double idle_s)
      : life_(&life), bytes_(bytes), idle_s_(idle_s), idle_(life.memory()) {}

  double bytes() const { return bytes_; }
  Block take() {
    if (idle_.empty()) return life_->block(bytes_);
    Block piece = std::move(idle_.back().second);
    idle_.pop_back();
    return piece;
  }
  void give_back(Block piece) {
    idle_.emplace_back(life_->now_s(), std::move(piece));
    while (idle_.front().first < life_->now_s() - idle_s_) idle_.pop_front();
  }

 private:
  Life* life_;
  double bytes_, idle_s_;
  std::pmr::deque<std::pair<double, Block>> idle_;
};

// Of an offer, the price is kept until the auction's outcome is known, or for so long.
Behaviour offer(Life& life, Pieces* pieces, double seconds, double outcome_s) {
  std::pmr::vector<Block> arena(life.memory());
  const double bytes = std::min(life.chance.lognormal(18 * KiB, 0.9), 256 * KiB);
  for (double held = 0; held < bytes; held += pieces->bytes()) arena.push_back(pieces->take());
  const Block profile = life.block(Bytes{400, 12 * KiB}.any(life.chance));
  co_await life.after(seconds);
  for (Block& piece : arena) pieces->give_back(std::move(piece));
  if (!life.chance.happens(0.4)) co_return;
  const double known_s = life.chance.happens(0.3) ? life.chance.exponential(4) : outcome_s;
  life.keep_for(std::min(known_s, outcome_s), Bytes{150, 700}.any(life.chance));
}

struct Auctions {
  double per_s, piece_bytes, idle_s, outcome_s, seen_s;
  Rhythm rhythm;
  Spells rushes;
};

// Whom was shown what is counted in two generations: the older one goes when the younger is full of age.
Behaviour auctions(Life& life, int thread, Auctions of) {
  co_await life.on(thread);
  Pieces pieces(life, of.piece_bytes, of.idle_s);
  std::pmr::vector<Block> seen(life.memory()), seen_before(life.memory());
  double next_generation_s = of.seen_s * life.chance.uniform(0.5, 1);
  for (;;) {
    const double more = of.rushes.on(life) ? 3 : 1;
    co_await life.after(life.chance.exponential(1 / (more * of.per_s * of.rhythm.load(life.now_s()))));
    const double seconds = std::min(life.chance.lognormal(0.04 * more, 0.7), 0.5);
    offer(life, &pieces, seconds, of.outcome_s);
    if (life.chance.happens(0.6)) seen.push_back(life.block(Bytes{40, 90}.any(life.chance)));
    if (life.now_s() < next_generation_s) continue;
    next_generation_s += of.seen_s;
    seen_before.swap(seen);
    seen.clear();
  }
}

// All campaigns are read anew while the old ones are in use, which go when the last request has let go.
Behaviour campaigns(Life& life, double count, double every_s) {
  std::pmr::vector<Block> used(life.memory());
  for (;;) {
    std::pmr::vector<Block> read(life.memory());
    for (int lists = 0; lists < 24; ++lists) {
      Buffer matching(life, 256);
      for (double i = 0; i < count / 24; ++i) {
        for (int parts = 0; parts < 4; ++parts) read.push_back(life.block(Bytes{32, 700}.any(life.chance)));
        matching.append(life.chance.exponential(200));
      }
      read.push_back(matching.take());
      co_await life.after(life.chance.uniform(0.05, 0.3));
    }
    used.swap(read);
    co_await life.after(life.chance.uniform(0.2, 1));
    read.clear();
    co_await life.after(every_s * life.chance.uniform(0.9, 1.1));
  }
}

// What was shown is sent in batches, packed.
Behaviour impressions(Life& life, int thread, double bytes_per_s, double batch_bytes) {
  co_await life.on(thread);
  for (;;) {
    Buffer batch(life, 4 * KiB);
    while (batch.written() < batch_bytes) {
      co_await life.after(life.chance.exponential(0.2));
      batch.append(life.chance.exponential(0.2 * bytes_per_s));
    }
    const Block packed = life.block(batch.written() / 5);
    co_await life.after(life.chance.uniform(0.3, 3));
  }
}

struct Rendering {
  Rendering(Life& life, double fonts_bytes, double results_bytes)
      : waiting(life.memory()), fonts(life, fonts_bytes, 0.5), results(life, results_bytes) {}
  std::pmr::deque<Block> waiting;
  Cache fonts, results;
};
using SharedRendering = std::shared_ptr<Rendering>;

Behaviour upload(Life& life, SharedRendering rendering, double bytes) {
  life.open_descriptors(1);
  Buffer document(life, 16 * KiB);
  while (document.written() < bytes) {
    document.append(std::min(64 * KiB, bytes - document.written()));
    co_await life.after(life.chance.exponential(0.04));
  }
  life.open_descriptors(-1);
  rendering->waiting.push_back(document.take());
}

// Few documents are most of the bytes. When statements are due, many small ones come at once.
Behaviour uploads(Life& life, SharedRendering rendering, double per_s, double statements) {
  constexpr std::size_t most_waiting = 80;
  double next_statements_s = life.chance.uniform(1.5, 4) * minutes;
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    if (rendering->waiting.size() < most_waiting)
      upload(life, rendering, std::min(life.chance.pareto(40 * KiB, 0.9), 3 * MiB));
    if (life.now_s() < next_statements_s) continue;
    next_statements_s = life.now_s() + life.chance.uniform(4, 8) * minutes;
    for (double i = 0; i < statements; ++i)
      upload(life, rendering, Bytes{20 * KiB, 60 * KiB}.any(life.chance));
  }
}

// A document is a tree of small objects, which is there until its last page; a page is what is drawn, images
// and a band of pixels.
Behaviour render(Life& life, int thread, SharedRendering rendering, double band_bytes) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(0.3));
    if (rendering->waiting.empty()) continue;
    const Block document = std::move(rendering->waiting.front());
    rendering->waiting.pop_front();
    std::pmr::vector<Block> objects(life.memory());
    for (double i = 40 + std::min(document.bytes() / 500, 2'500.0); i > 0; --i)
      objects.push_back(life.block(Bytes{24, 500}.any(life.chance)));
    if (life.chance.happens(0.6))
      rendering->fonts.put(life.block(Bytes{15 * KiB, 120 * KiB}.any(life.chance)));
    Buffer result(life, 8 * KiB, 1.5);
    const double pages = std::min(life.chance.pareto(1, 1), 1 + document.bytes() / (50 * KiB));
    for (double page = 0; page < std::min(pages, 12.0); ++page) {
      std::pmr::vector<Block> drawn(life.memory());
      for (auto i = life.chance.uniform(10, 60); i > 0; --i)
        drawn.push_back(life.block(Bytes{40, 2 * KiB}.any(life.chance)));
      if (life.chance.happens(0.4)) drawn.push_back(life.block(Bytes{30 * KiB, MiB}.any(life.chance)));
      const Block band = life.block(band_bytes);
      co_await life.after(life.chance.uniform(0.2, 1));
      result.append(Bytes{10 * KiB, 60 * KiB}.any(life.chance));
    }
    rendering->results.put(result.take());
  }
}

struct Segment {
  Segment(Block first, Block second) : media(std::move(first)), index(std::move(second)) {}
  Block media, index;
};
using SharedSegment = std::shared_ptr<const Segment>;

// The segment lives until its last viewer has it, which may be after it left the window.
Behaviour view(Life& life, int thread, SharedSegment segment, double seconds) {
  co_await life.on(thread);
  life.open_descriptors(1);
  const Block sent = life.block(segment->media.bytes() / 4);
  co_await life.after(seconds);
  life.open_descriptors(-1);
}

struct Stream {
  double bytes_per_s, segment_s, ends_s, views_per_s;
  std::size_t window;
};

// Frames, the first of a segment the largest, become one piece.
SharedSegment joined(Life& life, std::pmr::vector<Block>& frames) {
  Buffer media(life, 2 * KiB, 1.5);
  for (const Block& frame : frames) media.append(frame.bytes());
  frames.clear();
  return std::allocate_shared<Segment>(std::pmr::polymorphic_allocator<>(life.memory()), media.take(),
                                       life.block(Bytes{80, 400}.any(life.chance)));
}

Behaviour stream(Life& life, int thread, Stream of) {
  constexpr double frames_per_s = 6;
  const Rhythm rhythm = any_rhythm(life.chance);
  co_await life.on(thread);
  const Block encoder = life.block(Bytes{40 * KiB, 200 * KiB}.any(life.chance));
  Block playlist = life.block(KiB);
  std::pmr::vector<Block> frames(life.memory());
  std::pmr::deque<SharedSegment> window(life.memory());
  double scene = 1;
  while (life.now_s() < of.ends_s) {
    if (life.chance.happens(0.02)) scene = std::clamp(life.chance.lognormal(1, 0.4), 0.4, 2.0);
    const double frame = of.bytes_per_s / frames_per_s * scene * life.chance.uniform(0.4, 1.2);
    frames.push_back(life.block(frames.empty() ? 5 * frame : frame));
    life.keep_for(life.chance.exponential(0.1), frame + 188);  // as it came
    co_await life.after(1 / frames_per_s);
    if (!window.empty() && life.chance.happens(of.views_per_s / frames_per_s * rhythm.load(life.now_s()))) {
      const auto back =
          static_cast<std::size_t>(std::min(life.chance.pareto(1, 1), static_cast<double>(window.size())));
      const double seconds = std::min(life.chance.lognormal(1, 1.3), 40.0);
      view(life, life.any_thread(life.chance), window[window.size() - back], seconds);
    }
    if (static_cast<double>(frames.size()) < of.segment_s * frames_per_s) continue;
    window.push_back(joined(life, frames));
    if (window.size() > of.window) window.pop_front();
    playlist = life.block(200 + 60 * static_cast<double>(window.size()));
  }
}

// Channels are always on; events are for minutes, one after another.
Behaviour events(Life& life, Stream of) {
  for (;;) {
    co_await life.after(life.chance.uniform(0.3, 1.5) * minutes);
    of.ends_s = life.now_s() + life.chance.uniform(1.5, 4) * minutes;
    stream(life, life.any_thread(life.chance), of);
    co_await life.after(of.ends_s - life.now_s());
  }
}

}  // namespace

void ad_bidder(Life& life) {
  campaigns(life, life.chance.uniform(400, 1'500), life.chance.uniform(40, 2 * minutes));
  Auctions of{life.chance.uniform(5, 11),
              Bytes{4 * KiB, 16 * KiB}.any(life.chance),
              life.chance.uniform(15, 60),
              life.chance.uniform(40, 2 * minutes),
              life.chance.uniform(40, 2 * minutes),
              {life.chance.uniform(5, 8) * minutes, life.chance.uniform(0.2, 0.5),
               life.chance.uniform(3, 4.5) * minutes},
              Spells(life.chance.uniform(2, 5) * minutes, 8, 20)};
  for (int i = 0; i < 4; ++i) auctions(life, life.start_thread(), of);
  impressions(life, life.any_thread(life.chance), Bytes{2 * KiB, 10 * KiB}.any(life.chance),
              Bytes{64 * KiB, 512 * KiB}.any(life.chance));
}

void pdf_renderer(Life& life) {
  configuration(life, life.chance.uniform(1'000, 4'000), {24, 400});
  const double per_s = life.chance.uniform(0.12, 0.25);
  const double fonts_bytes = Bytes{0.2 * MiB, 0.6 * MiB}.any(life.chance);
  const double results_bytes = life.chance.uniform(1.5, 2.5) * minutes * per_s * 80 * KiB;
  const auto rendering = std::allocate_shared<Rendering>(std::pmr::polymorphic_allocator<>(life.memory()),
                                                         life, fonts_bytes, results_bytes);
  for (int i = 0; i < 3; ++i)
    render(life, life.start_thread(), rendering, Bytes{100 * KiB, 500 * KiB}.any(life.chance));
  uploads(life, rendering, per_s, life.chance.uniform(10, 40));
  background(life, 0, life.chance.uniform(10, 30));
}

void stream_packager(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  const double segment_s = life.chance.uniform(2, 6);
  const auto window = static_cast<std::size_t>(life.chance.uniform(20, 2.5 * minutes) / segment_s) + 2;
  Stream of{0, segment_s, life.end_s(), life.chance.uniform(0.2, 0.8), window};
  for (auto channels = life.chance.uniform(2, 6); channels > 0; --channels) {
    of.bytes_per_s = Bytes{4 * KiB, 14 * KiB}.any(life.chance);
    stream(life, life.any_thread(life.chance), of);
    of.bytes_per_s /= 3;
    stream(life, life.any_thread(life.chance), of);
  }
  of.bytes_per_s = Bytes{3 * KiB, 10 * KiB}.any(life.chance);
  for (int i = 0; i < 2; ++i) events(life, of);
  background(life, 0, life.chance.uniform(10, 30));
}

}  // namespace soakline
