#include "calibration/applications.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

template <typename Shared, typename... Arguments>
std::shared_ptr<Shared> shared(Life& life, Arguments&&... arguments) {
  return std::allocate_shared<Shared>(std::pmr::polymorphic_allocator<>(life.memory()),
                                      std::forward<Arguments>(arguments)...);
}

// What a request needs until its end, cut from pieces each twice as large as the one before.
class RequestArena {
 public:
  explicit RequestArena(Life& life) : life_(&life), pieces_(life.memory()) {}

  void take(double bytes) {
    if (bytes > left_) {
      next_ = std::min(2 * next_, 128 * KiB);
      left_ = std::max(next_, bytes);
      pieces_.push_back(life_->block(left_));
    }
    left_ -= bytes;
  }

 private:
  Life* life_;
  std::pmr::vector<Block> pieces_;
  double next_ = 2 * KiB, left_ = 0;
};

// A session lives on while it is used, but not longer than its absolute age; the sweeper frees it.
class SessionStore {
 public:
  SessionStore(Life& life, double idle_s) : life_(&life), idle_s_(idle_s), sessions_(life.memory()) {}

  void log_in() {
    Block id = life_->block(48), node = life_->block(Bytes{96, 160}.any(life_->chance));
    sessions_.push_back({0, life_->now_s() + 6 * minutes, std::move(id), std::move(node), {}});
    store(sessions_.back());
  }
  void use_any() {
    if (!sessions_.empty()) store(sessions_[life_->chance.below(sessions_.size())]);
  }
  void sweep() {
    std::erase_if(sessions_, [&](const Session& session) { return session.expires_s < life_->now_s(); });
  }

 private:
  struct Session {
    double expires_s, oldest_s;
    Block id, node, data;
  };
  void store(Session& session) {
    session.expires_s = std::min(life_->now_s() + idle_s_, session.oldest_s);
    session.data = life_->block(std::min(life_->chance.lognormal(1.5 * KiB, 0.9), 32 * KiB));
  }

  Life* life_;
  double idle_s_;
  std::pmr::vector<Session> sessions_;
};

struct Application {
  Application(Life& life, double session_idle_s, double template_count, double row)
      : sessions(life, session_idle_s),
        templates(template_count),
        row_bytes(row),
        slow_database(life.chance.uniform(3, 8) * minutes, 4, 20),
        crawlers(life.chance.uniform(3, 8) * minutes, 10, 40) {}
  SessionStore sessions;
  double templates, row_bytes;
  int release = 0;
  Spells slow_database, crawlers;
};
using SharedApplication = std::shared_ptr<Application>;

// A thread compiles a template when it first needs it after a release.
class TemplateCache {
 public:
  TemplateCache(Life& life, double count)
      : life_(&life), parts_(static_cast<std::size_t>(count), life.memory()) {}

  void use_any(int release) {
    if (std::exchange(release_, release) != release)
      for (auto& parts : parts_) parts.clear();
    const std::size_t number = life_->chance.below(1 + life_->chance.below(parts_.size()));
    if (!parts_[number].empty()) return;
    life_->keep_for(0.05, Bytes{2 * KiB, 40 * KiB}.any(life_->chance));  // its text
    for (auto i = life_->chance.uniform(4, 30); i > 0; --i)
      parts_[number].push_back(life_->block(Bytes{32, 2 * KiB}.any(life_->chance)));
  }

 private:
  Life* life_;
  std::pmr::vector<std::pmr::vector<Block>> parts_;
  int release_ = 0;
};

// Each level of a query is one batch of keys for the database. The rows stay for the whole request, as it may
// ask for them again; reports have thousands.
Behaviour query(Life& life, int thread, SharedApplication application, bool report) {
  co_await life.on(thread);
  RequestArena arena(life);
  arena.take(Bytes{KiB, 12 * KiB}.any(life.chance));
  std::pmr::vector<Block> rows(life.memory());
  for (auto levels = life.chance.uniform(1, 4); levels > 0; --levels) {
    const double slow = application->slow_database.on(life) ? 20 : 1;
    const double keys = report ? life.chance.uniform(200, 1'000) : std::min(life.chance.pareto(2, 0.9), 80.0);
    {
      const Block statement = life.block(200 + 24 * keys);
      co_await life.after(0.005 + slow * std::min(life.chance.lognormal(0.02, 1), 0.5));
    }
    Buffer received(life, 4 * KiB);
    for (double i = 0; i < keys; ++i) {
      const double bytes = std::min(application->row_bytes * life.chance.lognormal(1, 0.7), 16 * KiB);
      received.append(bytes);
      rows.push_back(life.block(bytes));
      arena.take(bytes / 2);
    }
    co_await life.after(life.chance.exponential(0.01));
  }
  Buffer response(life, 2 * KiB);
  for (const Block& row : rows) response.append(1.5 * row.bytes());
  rows.clear();
  co_await life.after(std::min(life.chance.lognormal(0.2, 1.2), 20.0));  // the client reads
}

Behaviour web_requests(Life& life, int thread, SharedApplication application, double per_s, Rhythm rhythm) {
  co_await life.on(thread);
  TemplateCache templates(life, application->templates);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const bool crawler = application->crawlers.on(life) && life.chance.happens(0.7);
    if (crawler || life.chance.happens(0.3))  // who keeps no cookies is new each time
      application->sessions.log_in();
    else
      application->sessions.use_any();
    if (life.chance.happens(0.5)) {
      query(life, thread, application, life.chance.happens(0.005));
      continue;
    }
    RequestArena page(life);
    Buffer html(life, 4 * KiB);
    for (auto i = life.chance.uniform(2, 8); i > 0; --i) {
      templates.use_any(application->release);
      page.take(Bytes{300, 6 * KiB}.any(life.chance));
      html.append(Bytes{KiB, 20 * KiB}.any(life.chance));
    }
    life.keep_for(std::min(life.chance.lognormal(0.2, 1.2), 20.0), html.take());
  }
}

Behaviour session_sweeps(Life& life, SharedApplication application, double every_s) {
  for (;;) {
    co_await life.after(every_s);
    application->sessions.sweep();
  }
}

Behaviour releases(Life& life, SharedApplication application, double mean_gap_s) {
  for (;;) {
    co_await life.after(mean_gap_s * life.chance.uniform(0.6, 1.4));
    ++application->release;
  }
}

// Best fit among what was given back. Too much of that, and all of it goes, as when memory runs short.
class TensorPool {
 public:
  TensorPool(Life& life, double idle_bytes) : life_(&life), most_(idle_bytes), idle_(life.memory()) {}

  Block take(double bytes) {
    const auto fit = idle_.lower_bound(bytes);
    if (fit == idle_.end() || fit->first > 2 * bytes) return life_->block(std::ceil(bytes / 512) * 512);
    Block tensor = std::move(fit->second);
    held_ -= tensor.bytes();
    idle_.erase(fit);
    return tensor;
  }
  void give_back(Block tensor) {
    const double bytes = tensor.bytes();
    held_ += bytes;
    idle_.emplace(bytes, std::move(tensor));
    if (held_ < most_) return;
    idle_.clear();
    held_ = 0;
  }

 private:
  Life* life_;
  double most_, held_ = 0;
  std::pmr::multimap<double, Block> idle_;
};

// The pool goes with the version that it was for.
struct ModelVersion {
  ModelVersion(Life& life, double idle_bytes) : weights(life.memory()), pool(life, idle_bytes) {}
  std::pmr::vector<Block> weights;
  TensorPool pool;
};

struct Prediction {
  double length;
  Block tokens;
};

struct Model {
  double idle_bytes, width, layers, batch_most, batch_wait_s;
};

struct Inference {
  Inference(Life& life, Model which) : model(which), queue(life.memory()) {}
  Model model;
  std::shared_ptr<ModelVersion> current;
  std::pmr::deque<Prediction> queue;
};
using SharedInference = std::shared_ptr<Inference>;

// The old version answers until the new one is there, and goes with the last batch that uses it.
Behaviour model_versions(Life& life, int thread, SharedInference inference, double bytes, double mean_gap_s) {
  co_await life.on(thread);
  std::pmr::vector<double> tensors(life.memory());
  for (double held = 0; held < bytes; held += tensors.back())
    tensors.push_back(std::min(life.chance.lognormal(60 * KiB, 1.4), MiB));
  for (;;) {
    auto loaded = shared<ModelVersion>(life, life, inference->model.idle_bytes);
    for (const double tensor : tensors) {
      const Block stored = life.block(tensor * life.chance.uniform(0.5, 0.6));
      loaded->weights.push_back(life.block(tensor));
      for (auto i = life.chance.uniform(2, 6); i > 0; --i)  // its name, its shape, its place in the graph
        loaded->weights.push_back(life.block(Bytes{24, 300}.any(life.chance)));
      co_await life.after(life.chance.exponential(0.1));
    }
    inference->current.swap(loaded);
    co_await life.after(life.chance.uniform(1, 10));
    loaded.reset();
    co_await life.after(mean_gap_s * life.chance.uniform(0.7, 1.3));
  }
}

// All of a batch is as long as its longest, and made full, so that the sizes of tensors come again. Of a
// layer's tensors only the last is needed by the next layer.
Behaviour batches(Life& life, int thread, SharedInference inference) {
  co_await life.on(thread);
  const Model& model = inference->model;
  for (;;) {
    co_await life.after(model.batch_wait_s);
    if (!inference->current || inference->queue.empty()) continue;
    const auto version = inference->current;
    TensorPool& pool = version->pool;
    double size = 0, length = 16;
    for (; size < model.batch_most && !inference->queue.empty(); ++size) {
      length = std::max(length, inference->queue.front().length);
      inference->queue.pop_front();
    }
    const double rows = std::exp2(std::ceil(std::log2(size))), columns = std::ceil(length / 64) * 64;
    const auto tensor = [&](double width) {
      return pool.take(std::clamp(4 * rows * columns * width, 10 * KiB, 4 * MiB));
    };
    Block hidden = tensor(model.width);
    for (double layer = 0; layer < model.layers; ++layer) {
      Block scores = tensor(columns / 4), inner = tensor(2.5 * model.width), next = tensor(model.width);
      co_await life.after(0.01 + 2e-5 * rows * columns);
      pool.give_back(std::move(scores));
      pool.give_back(std::move(inner));
      pool.give_back(std::exchange(hidden, std::move(next)));
    }
    pool.give_back(std::move(hidden));
    for (; size > 0; --size)
      life.keep_for(std::min(life.chance.lognormal(0.1, 1.2), 10.0),
                    life.block(Bytes{300, 30 * KiB}.any(life.chance)), life.any_thread(life.chance));
  }
}

Behaviour predictions(Life& life, int thread, SharedInference inference, double per_s, double median_length) {
  co_await life.on(thread);
  const Rhythm rhythm = any_rhythm(life.chance);
  Spells rushes(life.chance.uniform(2, 6) * minutes, 5, 25);
  for (;;) {
    const double more = rushes.on(life) ? 5 : 1;
    co_await life.after(life.chance.exponential(1 / (more * per_s * rhythm.load(life.now_s()))));
    const double length = std::clamp(life.chance.lognormal(median_length, 0.8), 8.0, 512.0);
    life.open_descriptors(1);
    Buffer text(life, 2 * KiB);
    text.append(length * life.chance.uniform(5, 40));
    for (int i = 0; i < 6; ++i)
      life.keep_for(life.chance.exponential(0.5), Bytes{24, 1.5 * KiB}.any(life.chance));
    co_await life.after(life.chance.exponential(0.02));
    life.open_descriptors(-1);
    if (inference->queue.size() < 300) inference->queue.push_back({length, life.block(8 * length)});
  }
}

// By number; the least recently used goes first. What a build makes is asked for by builds soon after it.
class BlobCache {
 public:
  BlobCache(Life& life, double room) : room_(room), blobs_(life.memory()), of_(life.memory()) {}

  bool has(std::uint64_t key) {
    const auto found = of_.find(key);
    if (found == of_.end()) return false;
    blobs_.splice(blobs_.begin(), blobs_, found->second);
    return true;
  }
  void put(std::uint64_t key, Block node, Block bytes) {
    if (has(key)) return;
    held_ += bytes.bytes();
    blobs_.push_front({key, std::move(node), std::move(bytes)});
    of_[key] = blobs_.begin();
    for (; held_ > room_; blobs_.pop_back()) {
      held_ -= blobs_.back().bytes.bytes();
      of_.erase(blobs_.back().key);
    }
  }

 private:
  struct Blob {
    std::uint64_t key;
    Block node, bytes;
  };
  double room_, held_ = 0;
  std::pmr::list<Blob> blobs_;
  std::pmr::unordered_map<std::uint64_t, std::pmr::list<Blob>::iterator> of_;
};

struct Proxy {
  Proxy(Life& life, double room, double chunk, double disk, double ttl, double tick)
      : blobs(life, room),
        fetching(life.memory()),
        chunk_bytes(chunk),
        disk_s(disk),
        ttl_s(ttl),
        tick_s(tick),
        slow_origin(life.chance.uniform(3, 8) * minutes, 5, 30) {}
  BlobCache blobs;
  std::pmr::unordered_set<std::uint64_t> fetching;
  double newest = 1000, chunk_bytes, disk_s, ttl_s, tick_s;
  Spells slow_origin;
};
using SharedProxy = std::shared_ptr<Proxy>;

// The wheel frees all that expires in one of its ticks at once, on its own thread.
void index(Life& life, const Proxy& proxy, double ttl_s) {
  const double expires_s = std::ceil((life.now_s() + ttl_s) / proxy.tick_s) * proxy.tick_s;
  for (const Bytes& part : {Bytes{60, 220}, Bytes{64, 72}, Bytes{200, 1.2 * KiB}})
    life.keep_for(expires_s - life.now_s(), life.block(part.any(life.chance)), 0);
}

// Chunks are freed when they are on the disk; what they were is hashed on the way.
Behaviour stream(Life& life, int thread, SharedProxy proxy, double bytes) {
  co_await life.on(thread);
  life.open_descriptors(2);
  const Block connection = life.block(Bytes{18 * KiB, 40 * KiB}.any(life.chance)), hash = life.block(216);
  Buffer digests(life, 64);
  for (; bytes > 0; bytes -= proxy->chunk_bytes) {
    const double slow = proxy->slow_origin.on(life) ? 10 : 1;
    co_await life.after(slow * life.chance.exponential(0.05));
    life.keep_for(std::min(proxy->disk_s * life.chance.lognormal(1, 1), 10.0),
                  life.block(std::min(bytes, proxy->chunk_bytes)), 0);
    digests.append(32);
  }
  index(life, *proxy, proxy->ttl_s);
  life.keep_for(life.chance.uniform(1, 30), digests.take());
  life.open_descriptors(-2);
}

// Who asks for what is being fetched waits for that. Large artifacts come in parts, side by side.
Behaviour fetch(Life& life, int thread, SharedProxy proxy, std::uint64_t key) {
  co_await life.on(thread);
  const Block request = life.block(Bytes{600, 4 * KiB}.any(life.chance));
  if (!proxy->fetching.insert(key).second) {
    while (proxy->fetching.contains(key)) co_await life.after(0.2);
  } else {
    co_await life.after((proxy->slow_origin.on(life) ? 20 : 1) * life.chance.lognormal(0.1, 0.8));
    if (key % 32 == 0) {
      const double bytes = std::min(life.chance.pareto(200 * KiB, 0.9), 8 * MiB);
      const double parts = std::min(std::ceil(bytes / (2 * MiB)), 4.0);
      for (double i = 0; i < parts; ++i) stream(life, life.any_thread(life.chance), proxy, bytes / parts);
    } else if (life.chance.happens(0.1)) {
      index(life, *proxy, 20);  // nobody has it
    } else {
      Buffer body(life, 4 * KiB);
      body.append(std::min(life.chance.lognormal(3 * KiB, 1.2), 64 * KiB));
      proxy->blobs.put(key, life.block(112), body.take());
      index(life, *proxy, proxy->ttl_s);
    }
    proxy->fetching.erase(key);
  }
}

// Some of what it needs nobody needed before, most was made within the last minute or two.
Behaviour build_job(Life& life, int thread, SharedProxy proxy, double keys, double recent) {
  co_await life.on(thread);
  const Block connection = life.block(Bytes{12 * KiB, 30 * KiB}.any(life.chance));
  for (; keys > 0; --keys) {
    const double back = life.chance.happens(0.3) ? -1 : std::min(life.chance.exponential(recent), 4 * recent);
    const auto key = static_cast<std::uint64_t>(std::max(0.0, proxy->newest - back));
    proxy->newest = std::max(proxy->newest, static_cast<double>(key));
    if (proxy->blobs.has(key))
      life.keep_for(life.chance.exponential(0.2), Bytes{KiB, 16 * KiB}.any(life.chance));
    else
      fetch(life, thread, proxy, key);
    co_await life.after(std::min(life.chance.lognormal(0.5, 1.2), 20.0));
  }
  if (life.chance.happens(0.1)) stream(life, thread, proxy, Bytes{100 * KiB, 4 * MiB}.any(life.chance));
}

// The jobs of one pipeline begin together, and ask for much the same.
Behaviour pipelines(Life& life, SharedProxy proxy, double gap_s, double jobs, double keys, double recent) {
  for (double next_many_s = life.chance.uniform(2, 4) * minutes;;) {
    const bool many = life.now_s() > next_many_s;
    if (many) next_many_s = life.now_s() + life.chance.uniform(5, 9) * minutes;
    for (double i = life.chance.uniform(0.3, 1.7) * jobs * (many ? 4 : 1); i > 0; --i)
      build_job(life, life.any_thread(life.chance), proxy, keys * life.chance.lognormal(1, 0.5), recent);
    co_await life.after(life.chance.exponential(gap_s));
  }
}

}  // namespace

void graphql_application(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(3'000, 10'000), {24, 400});  // the schema, the routes
  const auto application =
      shared<Application>(life, life, chance.uniform(1, 3.5) * minutes, std::floor(chance.uniform(40, 120)),
                          chance.log_uniform(80, 600));
  const double workers = std::floor(chance.uniform(3, 7)), per_s = chance.uniform(4, 8);
  const Rhythm rhythm = any_rhythm(chance);
  for (double i = 0; i < workers; ++i)
    web_requests(life, life.start_thread(), application, per_s / workers, rhythm);
  session_sweeps(life, application, chance.uniform(10, 60));
  releases(life, application, chance.uniform(2, 5) * minutes);
}

void inference_server(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(2'000, 5'000), {24, 500});  // the vocabulary
  const Model model{Bytes{5 * MiB, 12 * MiB}.any(chance), Bytes{24, 96}.any(chance),
                    std::floor(chance.uniform(3, 9)), std::floor(chance.uniform(4, 24)),
                    chance.uniform(0.05, 0.3)};
  const auto inference = shared<Inference>(life, life, model);
  model_versions(life, life.start_thread(), inference, Bytes{4 * MiB, 14 * MiB}.any(chance),
                 chance.uniform(2, 4.5) * minutes);
  for (int i = 0; i < 2; ++i) batches(life, life.start_thread(), inference);
  const double per_s = chance.uniform(0.8, 2.4), median_length = chance.uniform(30, 120);
  for (int i = 0; i < 2; ++i) predictions(life, life.start_thread(), inference, per_s, median_length);
  background(life, 0, chance.uniform(5, 15));
}

void artifact_proxy(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(3'000, 8'000), {32, 300});
  for (auto workers = chance.uniform(2, 5); workers > 0; --workers) life.start_thread();
  const double gap_s = chance.uniform(12, 40), jobs = gap_s * chance.uniform(0.25, 0.5);
  const double keys = chance.uniform(20, 50);
  const double new_per_s = 0.3 * keys * jobs / gap_s;
  const auto proxy = shared<Proxy>(life, life, chance.uniform(1, 2) * minutes * new_per_s * 5 * KiB,
                                   Bytes{32 * KiB, 256 * KiB}.any(chance), chance.uniform(0.05, 0.3),
                                   chance.uniform(1, 4) * minutes, chance.uniform(5, 30));
  pipelines(life, proxy, gap_s, jobs, keys, chance.uniform(30, 90) * new_per_s);
  background(life, 0, chance.uniform(10, 30));
}

}  // namespace soakline
