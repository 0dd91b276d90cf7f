#include "calibration/tools.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Where lines go, in chunks. What it does not take in time is spilled to disk, and only its name is kept.
struct Destination {
  Destination(Life& life, double mean_outage_gap_s)
      : waiting(life.memory()), spilled(life.memory()), outages(mean_outage_gap_s, 10, 2 * minutes) {}
  std::pmr::deque<Block> waiting, spilled;
  double waiting_bytes = 0;
  Spells outages;
};
struct Shipper {
  explicit Shipper(Life& life) : destinations(life.memory()), pods(life.memory()) {}
  double chunk_bytes = 0, most_waiting_bytes = 0, packed_to = 0, pod_kept_s = 0;
  std::pmr::deque<Destination> destinations;
  struct Pod {
    double expires_s;
    std::pmr::vector<Block> labels;
  };
  std::pmr::unordered_map<std::size_t, Pod> pods;
};
using SharedShipper = std::shared_ptr<Shipper>;

// Asked of the cluster when it is not known or too old.
void look_up_pod(Life& life, Shipper& shipper, std::size_t pod) {
  const auto known = shipper.pods.find(pod);
  if (known != shipper.pods.end() && known->second.expires_s > life.now_s()) return;
  Buffer answer(life, KiB);
  std::pmr::vector<Block> labels(life.memory());
  for (auto i = life.chance.uniform(8, 40); i > 0; --i) {
    labels.push_back(life.block(Bytes{24, 300}.any(life.chance)));
    answer.append(3 * labels.back().bytes());
  }
  life.keep_for(life.chance.exponential(0.1), answer.take());
  const double expires_s = life.now_s() + shipper.pod_kept_s * life.chance.uniform(0.8, 1);
  shipper.pods.insert_or_assign(pod, Shipper::Pod{expires_s, std::move(labels)});
}

// A chunk is packed when it is full or old, where it then is in memory twice.
void pack(Life& life, Shipper& shipper, Destination& destination, Buffer chunk) {
  Buffer packed(life, 4 * KiB);
  const double bytes = chunk.written() * shipper.packed_to * life.chance.uniform(0.7, 1.4);
  while (packed.written() < bytes) packed.append(std::min(8 * KiB, bytes - packed.written() + 1));
  destination.waiting.push_back(packed.take());
  destination.waiting_bytes += destination.waiting.back().bytes();
  while (destination.waiting_bytes > shipper.most_waiting_bytes) {
    destination.waiting_bytes -= destination.waiting.front().bytes();
    destination.waiting.pop_front();
    destination.spilled.push_back(life.block(Bytes{120, 280}.any(life.chance)));
  }
}

// Follows one pod's file until it is rotated away; a stack trace is many lines, joined to one.
Behaviour tail(Life& life, int thread, SharedShipper shipper, std::size_t pod, double per_s, double seconds) {
  co_await life.on(thread);
  life.open_descriptors(1);
  const Rhythm rhythm = any_rhythm(life.chance);
  const Block read = life.block(64 * KiB);
  Destination& destination = shipper->destinations[pod % shipper->destinations.size()];
  for (const double end_s = life.now_s() + seconds; life.now_s() < end_s;) {
    Buffer chunk(life, 4 * KiB);
    const double flushed_s = std::min(end_s, life.now_s() + life.chance.uniform(4, 15));
    while (chunk.written() < shipper->chunk_bytes && life.now_s() < flushed_s) {
      co_await life.after(std::min(5.0, life.chance.exponential(1 / (per_s * rhythm.load(life.now_s())))));
      look_up_pod(life, *shipper, pod);
      Buffer lines(life, 512);
      for (double many = life.chance.happens(0.02) ? 60 : 6; many > 0; --many)
        lines.append(std::min(life.chance.lognormal(180, 0.8), 16 * KiB));
      const Block fields = life.block(lines.written() / 4 + 64);
      chunk.append(1.3 * lines.written());
      life.keep_for(life.chance.exponential(0.05), lines.take());
    }
    if (chunk.written() > 0) pack(life, *shipper, destination, std::move(chunk));
  }
  life.open_descriptors(-1);
}

// Pods come and go, each with its file.
Behaviour pod_place(Life& life, int thread, SharedShipper shipper, double per_s) {
  for (;;) {
    const double seconds = std::min(life.chance.lognormal(100, 0.8), 5 * minutes);
    const auto pod = static_cast<std::size_t>(life.chance.uniform(0, 1e9));
    tail(life, thread, shipper, pod, per_s, seconds);
    co_await life.after(seconds + life.chance.exponential(8));
  }
}

Behaviour forget_pods(Life& life, SharedShipper shipper) {
  for (;;) {
    co_await life.after(20);
    std::erase_if(shipper->pods, [&](const auto& pod) { return pod.second.expires_s < life.now_s(); });
  }
}

// What was spilled is read back when the rest has gone.
Behaviour deliver(Life& life, int thread, SharedShipper shipper, std::size_t which) {
  co_await life.on(thread);
  Destination& to = shipper->destinations[which];
  double pause_s = 1;
  for (;;) {
    while (to.waiting.empty() && to.spilled.empty()) co_await life.after(life.chance.exponential(1));
    Block chunk;
    if (to.waiting.empty()) {
      to.spilled.pop_front();
      chunk = life.block(shipper->packed_to * shipper->chunk_bytes);
    } else {
      to.waiting_bytes -= to.waiting.front().bytes();
      chunk = std::move(to.waiting.front());
      to.waiting.pop_front();
    }
    for (;;) {
      const Block connection = life.block(Bytes{10 * KiB, 40 * KiB}.any(life.chance));
      co_await life.after(life.chance.lognormal(0.15, 0.8));
      if (!to.outages.on(life)) break;
      life.keep_for(life.chance.exponential(1), Bytes{100, 600}.any(life.chance));  // the error
      co_await life.after(pause_s * life.chance.uniform(0.7, 1.3));
      pause_s = std::min(2 * pause_s, 30.0);
    }
    pause_s = 1;
  }
}

// A file's text, what was parsed of it, and the names in it: never changed, freed by who lets go of it last.
struct Snapshot {
  Snapshot(Life& life, Block copy) : text(std::move(copy)), parts(life.memory()) {}
  Block text;
  std::pmr::vector<Block> parts;
};
using SharedSnapshot = std::shared_ptr<const Snapshot>;

// An arena of slabs that become larger, as in a compiler, and tables that double.
SharedSnapshot parsed(Life& life, double text_bytes) {
  const auto snapshot = std::allocate_shared<Snapshot>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                                       life.block(text_bytes));
  auto& parts = snapshot->parts;
  const double tree_bytes = text_bytes * life.chance.uniform(6, 9);
  double slab_bytes = 4 * KiB;
  for (double held = 0; held < tree_bytes; held += slab_bytes) {
    parts.push_back(life.block(slab_bytes));
    if (parts.size() % 16 == 0) slab_bytes *= 2;
  }
  Buffer names(life, 256), lines(life, 256);
  for (double name = text_bytes / 120; name > 0; --name) {
    names.append(24);
    lines.append(16);
    if (life.chance.happens(0.3)) parts.push_back(life.block(Bytes{24, 160}.any(life.chance)));
  }
  parts.push_back(names.take());
  parts.push_back(lines.take());
  return snapshot;
}

// What the editor shows of a file; the last few files also have their trees, like those being edited.
struct Workspace {
  explicit Workspace(Life& life) : trees(life.memory()) {}
  std::size_t most_trees = 3;
  double header_factor = 10, typing_pause_s = 1;
  std::pmr::deque<std::pair<int, SharedSnapshot>> trees;
  int files = 0;

  void keep(int file, const SharedSnapshot& snapshot) {
    std::erase_if(trees, [&](const auto& tree) { return tree.first == file; });
    trees.emplace_back(file, snapshot);
    if (trees.size() > most_trees) trees.pop_front();
  }
};
using SharedWorkspace = std::shared_ptr<Workspace>;

// Works on the snapshot it was given, however old that becomes meanwhile.
Behaviour question(Life& life, int thread, SharedSnapshot snapshot) {
  co_await life.on(thread);
  const bool completion = life.chance.happens(0.5);
  const Block scratch =
      life.block(completion ? Bytes{128 * KiB, 2 * MiB}.any(life.chance) : snapshot->text.bytes() / 2);
  std::pmr::vector<Block> items(life.memory());
  Buffer answer(life, KiB);
  for (double i = std::min(life.chance.pareto(4, 0.8), 400.0); i > 0; --i) {
    items.push_back(life.block(Bytes{60, 700}.any(life.chance)));
    answer.append(1.5 * items.back().bytes());
  }
  co_await life.after(std::min(life.chance.lognormal(0.15, 1.2), 10.0));
}

// Opened, edited in bursts, looked at, closed. Its headers are compiled once, and anew when they change.
Behaviour edit(Life& life, int thread, SharedWorkspace workspace, double seconds) {
  co_await life.on(thread);
  const int file = ++workspace->files;
  double text_bytes = std::min(life.chance.lognormal(12 * KiB, 0.9), 120 * KiB);
  const double header_bytes = text_bytes * workspace->header_factor * life.chance.uniform(0.5, 1.5);
  Block headers = life.block(header_bytes);
  std::pmr::vector<Block> diagnostics(life.memory());
  Spells typing(life.chance.uniform(10, 40), 5, 40);
  for (const double end_s = life.now_s() + seconds; life.now_s() < end_s;) {
    co_await life.after(typing.on(life) ? life.chance.exponential(workspace->typing_pause_s) : 2);
    if (!typing.on(life) && !diagnostics.empty()) continue;
    text_bytes *= life.chance.uniform(0.995, 1.005);
    if (life.chance.happens(0.01)) {
      Block anew = life.block(header_bytes * life.chance.uniform(0.9, 1.1));
      co_await life.after(life.chance.uniform(1, 5));
      headers = std::move(anew);
    }
    const SharedSnapshot snapshot = parsed(life, text_bytes);
    co_await life.after(text_bytes / (200 * KiB));
    diagnostics.clear();
    for (double i = 1 + std::min(life.chance.pareto(1, 0.8), 100.0); i > 0; --i)
      diagnostics.push_back(life.block(Bytes{80, 900}.any(life.chance)));
    if (life.chance.happens(0.7)) question(life, life.any_thread(life.chance), snapshot);
    workspace->keep(file, snapshot);
  }
}

Behaviour editor(Life& life, SharedWorkspace workspace, double mean_s) {
  for (;;) {
    const double seconds = std::min(life.chance.exponential(mean_s), 4.5 * minutes);
    edit(life, static_cast<int>(1 + life.chance.below(2)), workspace, seconds);
    co_await life.after(seconds + life.chance.exponential(10));
  }
}

// The compiler's output for all of the workspace, which replaces what was said before; and references to a
// name, some of which are everywhere.
Behaviour checks(Life& life, int thread, double every_s, double messages) {
  co_await life.on(thread);
  for (std::pmr::vector<Block> shown(life.memory());;) {
    Buffer output(life, 8 * KiB);
    std::pmr::vector<Block> read(life.memory());
    for (double i = life.chance.exponential(messages); i > 0; --i) {
      output.append(life.chance.exponential(1.5 * KiB));
      for (int parts = 0; parts < 3; ++parts) read.push_back(life.block(Bytes{40, 600}.any(life.chance)));
      co_await life.after(life.chance.exponential(0.03));
    }
    shown.swap(read);
    life.keep_for(life.chance.exponential(2), 100 * std::min(life.chance.pareto(20, 0.7), 20'000.0));
    co_await life.after(std::min(life.chance.exponential(every_s), 3 * minutes));
  }
}

struct Span {
  Block span, attributes, name;
};
struct Trace {
  double decided_s = 0;
  bool error = false;
  std::pmr::deque<Span> spans;
  Block list;  // of pointers to them
};

// Open addressing: a place for every trace is in the table itself, which doubles when it is three quarters
// full and halves when less than a third is used.
struct Collector {
  explicit Collector(Life& life)
      : traces(life.memory()), due(life.memory()), to_export(life.memory()), decided(life, 0) {}
  static constexpr double place_bytes = 72;
  double wait_s = 0, sampled = 0, batch_spans = 0, attribute_bytes = 0;
  double places = 64;
  Block table;
  std::pmr::unordered_map<std::uint64_t, Trace> traces;
  std::pmr::deque<std::uint64_t> due;
  std::pmr::deque<Span> to_export;
  Cache decided;

  void resize(Life& life) {
    const auto count = static_cast<double>(traces.size());
    const double before = places;
    if (count > 0.75 * places) places *= 2;
    if (count < 0.3 * places && places > 64) places /= 2;
    if (places != before || !table) table = life.block(places * place_bytes);
  }
};
using SharedCollector = std::shared_ptr<Collector>;

// A span that comes after the decision on its trace follows it.
void take_in(Life& life, Collector& collector, std::uint64_t id, bool first, bool kept, bool error) {
  auto found = collector.traces.find(id);
  if (found == collector.traces.end() && first) {
    found = collector.traces.try_emplace(id, Trace{0, false, std::pmr::deque<Span>(life.memory()), {}}).first;
    found->second.decided_s = life.now_s() + collector.wait_s;
    collector.due.push_back(id);
    collector.resize(life);
  }
  if (found == collector.traces.end() && !kept) return;
  Span span{life.block(240),
            life.block(std::min(life.chance.lognormal(collector.attribute_bytes, 1), 32 * KiB)),
            life.block(Bytes{24, 100}.any(life.chance))};
  if (found == collector.traces.end()) return collector.to_export.push_back(std::move(span));
  Trace& trace = found->second;
  trace.error |= error;
  trace.spans.push_back(std::move(span));
  const std::size_t count = trace.spans.size();
  if ((count & (count - 1)) == 0) trace.list = life.block(16.0 * static_cast<double>(count));
}

// The services it goes through send their spans in batches of their own.
Behaviour distributed_call(Life& life, SharedCollector collector, double spans, double seconds, bool error) {
  const auto id = static_cast<std::uint64_t>(life.chance.uniform(0, 1e15));
  const double pause_s = seconds / spans;
  const bool kept = error || life.chance.happens(collector->sampled);
  for (bool first = true; spans > 0; first = false) {
    co_await life.on(static_cast<int>(1 + life.chance.below(2)));
    const double batch = std::min(spans, 1 + life.chance.exponential(4));
    const Block request = life.block(batch * 700);
    for (double i = 0; i < batch; ++i) take_in(life, *collector, id, first, kept, error);
    spans -= batch;
    co_await life.after(batch * life.chance.exponential(pause_s));
  }
}

// Most traces are small and quick. An incident makes errors, which are all kept; a batch job is a trace of
// thousands of spans.
Behaviour distributed_calls(Life& life, SharedCollector collector, double per_s) {
  const Rhythm rhythm = any_rhythm(life.chance);
  Spells incidents(life.chance.uniform(3, 8) * minutes, 10, 60);
  double next_job_s = life.chance.uniform(1, 3) * minutes;
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const bool error = life.chance.happens(incidents.on(life) ? 0.5 : 0.02);
    const double spans = std::min(life.chance.pareto(2.5, 1.1), 300.0);
    distributed_call(life, collector, spans, life.chance.happens(0.03) ? 40 : 1, error);
    if (life.now_s() < next_job_s) continue;
    next_job_s = life.now_s() + life.chance.uniform(3, 9) * minutes;
    distributed_call(life, collector, life.chance.uniform(500, 2'500), 10, life.chance.happens(0.3));
  }
}

// Traces are decided on in the order they began.
Behaviour decide(Life& life, SharedCollector collector) {
  for (;;) {
    co_await life.after(1);
    while (!collector->due.empty()) {
      const auto trace = collector->traces.find(collector->due.front());
      if (trace->second.decided_s > life.now_s()) break;
      if (trace->second.error || life.chance.happens(collector->sampled))
        for (Span& span : trace->second.spans) collector->to_export.push_back(std::move(span));
      collector->decided.put(life.block(Bytes{72, 88}.any(life.chance)));
      collector->traces.erase(trace);
      collector->due.pop_front();
      collector->resize(life);
    }
  }
}

// A batch goes when it is full or five seconds old; it is kept, as spans and as written, until it has been
// taken.
Behaviour export_spans(Life& life, int thread, SharedCollector collector) {
  co_await life.on(thread);
  Spells outages(life.chance.uniform(6, 20) * minutes, 10, 90);
  for (double sent_s = 0;;) {
    co_await life.after(0.4);
    auto& queue = collector->to_export;
    while (static_cast<double>(queue.size()) > 20 * collector->batch_spans) queue.pop_front();
    if (queue.empty() ||
        (static_cast<double>(queue.size()) < collector->batch_spans && life.now_s() < sent_s + 5))
      continue;
    std::pmr::deque<Span> batch(life.memory());
    Buffer written(life, 2 * KiB, 1.5);
    while (!queue.empty() && static_cast<double>(batch.size()) < collector->batch_spans) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
      written.append(0.7 * (batch.back().span.bytes() + batch.back().attributes.bytes()));
    }
    const Block packed = life.block(written.written() / 4 + 64);
    do co_await life.after(std::min(life.chance.lognormal(0.2, 1), 10.0));
    while (outages.on(life));
    sent_s = life.now_s();
  }
}

}  // namespace

void log_shipper(Life& life) {
  configuration(life, life.chance.uniform(1'000, 4'000), {24, 400});
  const auto shipper = std::allocate_shared<Shipper>(std::pmr::polymorphic_allocator<>(life.memory()), life);
  shipper->chunk_bytes = Bytes{64 * KiB, 512 * KiB}.any(life.chance);
  shipper->most_waiting_bytes = Bytes{0.3 * MiB, 2 * MiB}.any(life.chance);
  shipper->packed_to = life.chance.uniform(0.1, 0.3);
  shipper->pod_kept_s = life.chance.uniform(1, 4) * minutes;
  const auto destinations = static_cast<std::size_t>(life.chance.uniform(2, 6));
  for (std::size_t i = 0; i < destinations; ++i)
    shipper->destinations.emplace_back(life, life.chance.uniform(4, 15) * minutes);
  const std::array inputs = {life.start_thread(), life.start_thread()};
  const int output = life.start_thread();
  for (std::size_t i = 0; i < 4 * destinations; ++i) deliver(life, output, shipper, i % destinations);
  const auto places = static_cast<int>(life.chance.uniform(20, 60));
  const double per_s = life.chance.uniform(20, 60);
  for (int i = 0; i < places; ++i)
    pod_place(life, inputs[static_cast<std::size_t>(i) % 2], shipper,
              per_s / places * std::min(life.chance.pareto(0.4, 1.2), 8.0));
  forget_pods(life, shipper);
}

void language_server(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  configuration(life, life.chance.log_uniform(10'000, 40'000), {24, 600});
  const auto workspace =
      std::allocate_shared<Workspace>(std::pmr::polymorphic_allocator<>(life.memory()), life);
  workspace->most_trees = 2 + life.chance.below(5);
  workspace->header_factor = life.chance.uniform(5, 40);
  workspace->typing_pause_s = life.chance.uniform(0.5, 2);
  for (double files = life.chance.uniform(3, 8); files > 0; --files)
    editor(life, workspace, life.chance.uniform(1, 4) * minutes);
  checks(life, 3, life.chance.uniform(30, 2 * minutes), life.chance.uniform(10, 80));
  background(life, 0, life.chance.uniform(5, 20));
}

void trace_collector(Life& life) {
  const std::array receivers = {life.start_thread(), life.start_thread()};
  const int exporter = life.start_thread();
  configuration(life, life.chance.uniform(2'000, 8'000), {40, 400});
  const auto collector =
      std::allocate_shared<Collector>(std::pmr::polymorphic_allocator<>(life.memory()), life);
  collector->wait_s = life.chance.uniform(20, 60);
  collector->sampled = life.chance.uniform(0.05, 0.3);
  collector->batch_spans = std::floor(life.chance.log_uniform(100, 1'000));
  collector->attribute_bytes = Bytes{500, 1.5 * KiB}.any(life.chance);
  const double per_s = life.chance.uniform(3, 8);
  collector->decided = Cache(life, per_s * life.chance.uniform(1, 4) * minutes * 88);
  distributed_calls(life, collector, per_s);
  decide(life, collector);
  export_spans(life, exporter, collector);
  churn(life, receivers[0], life.chance.uniform(2, 10), {4 * KiB, 64 * KiB}, 0.5);
}

}  // namespace soakline
