#include "calibration/databases.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// What was written last, in an arena. A scan that began before the flush keeps it.
struct Memtable {
  explicit Memtable(Life& life) : arena(life.memory()) {}
  std::pmr::vector<Block> arena;
  double room = 0, written = 0;
};
using SharedMemtable = std::shared_ptr<Memtable>;

// Of a table, which itself is on disk.
struct Table {
  double bytes;
  Block filter, index, properties;
};

struct Store {
  Store(Life& life, double cache_bytes)
      : full(life.memory()),
        fresh(life.memory()),
        lower(life.memory()),
        bottom(life.memory()),
        blocks(life, cache_bytes, 0.4) {}

  double memtable_bytes = 0, arena_bytes = 0, key_bytes = 0, block_bytes = 0, table_bytes = 0;
  std::size_t most_fresh = 0, most_lower = 0, most_bottom = 0;
  SharedMemtable memtable;
  std::pmr::deque<SharedMemtable> full;
  std::pmr::deque<Table> fresh, lower, bottom;
  Cache blocks;
};
using SharedStore = std::shared_ptr<Store>;

Table table(Life& life, const Store& store, double bytes) {
  const double keys = bytes / store.key_bytes;
  const Block hashes = life.block(8 * keys);
  Buffer index(life, 4 * KiB);
  for (double offset = 0; offset < bytes; offset += 16 * store.block_bytes)
    index.append(16 * life.chance.uniform(20, 45));
  return {bytes, life.block(1.25 * keys), index.take(), life.block(Bytes{600, 3 * KiB}.any(life.chance))};
}

// A writer waits while two memtables are to be flushed.
Behaviour writes(Life& life, int thread, SharedStore store, double per_s, double batch_bytes) {
  const Rhythm rhythm{life.chance.uniform(4, 9) * minutes, life.chance.uniform(0.1, 0.5), 3 * minutes};
  const auto new_memtable = [&] {
    return std::allocate_shared<Memtable>(std::pmr::polymorphic_allocator<>(life.memory()), life);
  };
  store->memtable = new_memtable();
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const double bytes = std::min(life.chance.lognormal(0.6 * batch_bytes, 1), 256 * KiB);
    Buffer batch(life, 256);
    for (double left = bytes; left > 0; left -= 4 * store->key_bytes) batch.append(4 * store->key_bytes);
    life.keep_for(life.chance.exponential(0.01), batch.take());
    while (store->full.size() >= 2) co_await life.after(0.25);
    Memtable& memtable = *store->memtable;
    memtable.written += bytes;
    for (; memtable.room < memtable.written; memtable.room += memtable.arena.back().bytes())
      memtable.arena.push_back(life.block(std::max(store->arena_bytes, bytes > 16 * KiB ? bytes : 0)));
    if (memtable.written < store->memtable_bytes) continue;
    store->full.push_back(std::move(store->memtable));
    store->memtable = new_memtable();
  }
}

// Flushes before it compacts: the tables of level 0 and all of level 1 become tables of level 1, the first of
// which sink to the bottom, where they replace others.
Behaviour compactions(Life& life, int thread, SharedStore store, double bytes_per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(0.5);
    if (!store->full.empty()) {
      const Block written = life.block(64 * KiB);
      co_await life.after(store->full.front()->written / bytes_per_s);
      store->fresh.push_back(table(life, *store, store->full.front()->written * life.chance.uniform(0.6, 1)));
      store->full.pop_front();
    } else if (store->fresh.size() >= store->most_fresh) {
      double bytes = 0;
      std::pmr::vector<Block> read_ahead(life.memory());
      for (auto* level : {&store->fresh, &store->lower})
        for (const Table& input : *level) {
          bytes += input.bytes * life.chance.uniform(0.7, 1);
          read_ahead.push_back(life.block(Bytes{64 * KiB, 256 * KiB}.any(life.chance)));
        }
      std::pmr::deque<Table> merged(life.memory());
      for (; bytes > 0; bytes -= store->table_bytes) {
        const Block written = life.block(MiB);
        co_await life.after(store->table_bytes / bytes_per_s);
        merged.push_back(table(life, *store, std::min(bytes, store->table_bytes)));
      }
      store->fresh.clear();
      store->lower.swap(merged);
      for (; store->lower.size() > store->most_lower; store->lower.pop_front())
        store->bottom.push_back(std::move(store->lower.front()));
      while (store->bottom.size() > store->most_bottom) store->bottom.pop_front();
    }
  }
}

void read_block(Life& life, Store& store) {
  const Block compressed = life.block(store.block_bytes * life.chance.uniform(0.3, 0.8));
  store.blocks.put(life.block(store.block_bytes * life.chance.uniform(0.9, 1.1)));
  store.blocks.put(life.block(Bytes{90, 140}.any(life.chance)));  // its entry
}

Behaviour scan(Life& life, SharedStore store, double blocks) {
  const SharedMemtable memtable = store->memtable;
  const Block iterators = life.block(Bytes{2 * KiB, 12 * KiB}.any(life.chance));
  Buffer answer(life, KiB);
  for (; blocks > 0; --blocks) {
    read_block(life, *store);
    answer.append(store->block_bytes * life.chance.uniform(0.1, 0.6));
    co_await life.after(life.chance.exponential(0.3));
  }
}

Behaviour reads(Life& life, int thread, SharedStore store, double misses_per_s) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / misses_per_s));
    read_block(life, *store);
    life.keep_for(life.chance.exponential(0.02), std::min(life.chance.lognormal(300, 1.3), 64 * KiB));
    if (life.chance.happens(0.01)) scan(life, store, std::min(life.chance.pareto(3, 0.9), 200.0));
  }
}

// A connection to the database, with the statements that were prepared on it.
struct Server {
  Server(Life& life, double statement_bytes, double retired)
      : retired_s(retired),
        state(life.block(Bytes{KiB, 3 * KiB}.any(life.chance))),
        buffer(life.block(16 * KiB)),
        statements(life, statement_bytes) {}
  double retired_s;
  Block state, buffer;
  Cache statements;
};
using SharedServer = std::shared_ptr<Server>;

struct Pool {
  Pool(Life& life, double mean_outage_gap_s) : idle(life.memory()), outages(mean_outage_gap_s, 3, 20) {}
  std::size_t most = 0, open = 0;
  double statement_bytes = 0, server_life_s = 0;
  std::pmr::vector<SharedServer> idle;  // the last one used is the first one taken
  Spells outages;
};
using SharedPool = std::shared_ptr<Pool>;

// None when all are busy, or the database is away.
SharedServer take_server(Life& life, Pool& pool) {
  if (pool.outages.on(life)) return nullptr;
  SharedServer server;
  if (!pool.idle.empty()) {
    server = std::move(pool.idle.back());
    pool.idle.pop_back();
  } else if (pool.open < pool.most) {
    ++pool.open;
    life.open_descriptors(1);
    life.keep_for(life.chance.uniform(0.05, 0.3), Bytes{4 * KiB, 20 * KiB}.any(life.chance));  // handshake
    server = std::allocate_shared<Server>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                          pool.statement_bytes,
                                          life.now_s() + pool.server_life_s * life.chance.uniform(0.5, 1));
  }
  return server;
}

void give_back(Life& life, Pool& pool, SharedServer server) {
  if (!pool.outages.on(life)) return pool.idle.push_back(std::move(server));
  --pool.open;
  life.open_descriptors(-1);
}

// Idle servers that are too old go, and all of them in an outage.
Behaviour janitor(Life& life, SharedPool pool) {
  for (;;) {
    co_await life.after(1);
    const bool outage = pool->outages.on(life);
    const std::size_t gone = std::erase_if(
        pool->idle, [&](const SharedServer& server) { return outage || server->retired_s < life.now_s(); });
    pool->open -= gone;
    life.open_descriptors(-static_cast<int>(gone));
  }
}

// Forwarded as it comes, unless the client is slow: then it piles up.
Behaviour client(Life& life, int thread, SharedPool pool, double seconds, double pause_s) {
  co_await life.on(thread);
  life.open_descriptors(1);
  const double end_s = life.now_s() + seconds;
  std::pmr::vector<Block> state(life.memory());
  state.push_back(life.block(Bytes{8 * KiB, 40 * KiB}.any(life.chance)));  // with its TLS buffers
  for (auto parameters = life.chance.uniform(4, 14); parameters > 0; --parameters)
    state.push_back(life.block(Bytes{24, 120}.any(life.chance)));
  Cache prepared(life, Bytes{4 * KiB, 40 * KiB}.any(life.chance));
  while (life.now_s() < end_s) {
    co_await life.after(std::min(life.chance.exponential(pause_s), end_s - life.now_s()));
    const double text_bytes = std::min(life.chance.lognormal(350, 1), 32 * KiB);
    const Block query = life.block(text_bytes);
    if (life.chance.happens(0.1)) prepared.put(life.block(80 + text_bytes));
    SharedServer server = take_server(life, *pool);
    for (; !server; server = take_server(life, *pool)) co_await life.after(life.chance.uniform(0.3, 0.6));
    if (life.chance.happens(0.35)) {
      server->statements.put(life.block(Bytes{56, 104}.any(life.chance)));
      server->statements.put(life.block(text_bytes));
    }
    const double result_bytes = std::min(life.chance.lognormal(2 * KiB, 1.9), 4 * MiB);
    co_await life.after(std::min(life.chance.lognormal(0.25, 1.1), 20.0));  // a transaction
    if (result_bytes > 8 * KiB) {
      Buffer behind(life, 8 * KiB);
      const bool slow = life.chance.happens(0.08);
      for (double came = 0; came < result_bytes; came += 64 * KiB) {
        const Block packet = life.block(std::min(64 * KiB, result_bytes - came));
        if (slow) behind.append(packet.bytes());
        co_await life.after(life.chance.exponential(0.02));
      }
      give_back(life, *pool, std::move(server));
      if (slow) co_await life.after(life.chance.exponential(6));
    } else {
      give_back(life, *pool, std::move(server));
    }
  }
  co_await life.on(0);
  life.open_descriptors(-1);
}

// Applications hold theirs for minutes, scripts for seconds; a deployment brings many at once.
Behaviour clients(Life& life, SharedPool pool, double per_s, double pause_s) {
  double next_deployment_s = life.chance.uniform(2, 5) * minutes;
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const bool deployment = life.now_s() > next_deployment_s;
    if (deployment) next_deployment_s = life.now_s() + life.chance.uniform(3, 9) * minutes;
    for (double many = deployment ? life.chance.uniform(20, 60) : 1; many > 0; --many) {
      const double seconds = std::min(life.chance.lognormal(deployment ? 90 : 25, 1.2), 5 * minutes);
      client(life, life.any_thread(life.chance), pool, seconds, pause_s * life.chance.uniform(0.3, 2));
    }
  }
}

// What was asked how often, by its shape; fetched and forgotten every so often.
Behaviour digests(Life& life, double per_s, double every_s) {
  for (;;) {
    std::pmr::deque<Block> nodes(life.memory());
    Buffer buckets(life, 8 * 64);
    const double fetched_s = life.now_s() + every_s;
    const double shapes = life.chance.uniform(400, 2'000);
    while (life.now_s() < fetched_s) {
      co_await life.after(life.chance.exponential(1 / per_s));
      if (life.chance.happens(static_cast<double>(nodes.size()) / 2 / shapes)) continue;  // is known
      nodes.push_back(life.block(Bytes{120, 200}.any(life.chance)));
      nodes.push_back(life.block(std::min(life.chance.lognormal(300, 0.8), 4 * KiB)));
      buckets.append(8);
    }
    Buffer answer(life, 4 * KiB);
    for (const Block& node : nodes) answer.append(node.bytes());
    co_await life.after(life.chance.uniform(0.2, 2));
  }
}

struct Order {
  explicit Order(Life& life)
      : order(life.block(Bytes{160, 320}.any(life.chance))),
        client_id(life.block(Bytes{24, 72}.any(life.chance))),
        id_entry(life.block(40)) {}
  Block order, client_id, id_entry;
};
struct Level {
  explicit Level(Life& life) : node(life.block(88)), orders(life.memory()) {}
  Block node;
  std::pmr::map<std::uint64_t, Order> orders;
};
// Both sides of one instrument, by distance from the price.
struct Book {
  explicit Book(Life& life) : levels(life.memory()) {}
  std::pmr::map<int, Level> levels;
};
struct Exchange {
  Exchange(Life& life, std::size_t instruments, std::size_t gateways)
      : books(life.memory()), sent(life.memory()), trades(life.memory()) {
    for (std::size_t i = 0; i < instruments; ++i) books.emplace_back(life);
    for (std::size_t i = 0; i < gateways; ++i)
      sent.emplace_back(life, Bytes{40 * KiB, 250 * KiB}.any(life.chance));
  }
  std::pmr::deque<Book> books;
  std::pmr::deque<Cache> sent;  // to each gateway, kept to be sent again
  std::pmr::vector<Block> trades;
  std::uint64_t orders = 0;
  bool auction = false, closed = false;
};
using SharedExchange = std::shared_ptr<Exchange>;

void report(Life& life, Exchange& exchange) {
  exchange.sent[life.chance.below(exchange.sent.size())].put(life.block(Bytes{140, 420}.any(life.chance)));
}

void remove(Book& book, int price, std::uint64_t id) {
  const auto level = book.levels.find(price);
  if (level == book.levels.end()) return;
  level->second.orders.erase(id);
  if (level->second.orders.empty()) book.levels.erase(level);
}

// Fills the oldest orders of the best level, which cannot be while there is an auction.
void match(Life& life, Exchange& exchange, Book& book) {
  if (book.levels.empty()) return;
  const int price = book.levels.begin()->first;
  for (double fills = std::min(life.chance.pareto(1, 1.2), 12.0); fills >= 1; --fills) {
    const auto level = book.levels.find(price);
    if (level == book.levels.end()) return;
    remove(book, price, level->second.orders.begin()->first);
    exchange.trades.push_back(life.block(Bytes{180, 260}.any(life.chance)));
    report(life, exchange);
  }
}

// Its owner moves it now and then, and cancels it if nobody took it.
Behaviour order(Life& life, int thread, SharedExchange exchange, Book* book, double seconds, bool quote) {
  co_await life.on(thread);
  for (const double end_s = life.now_s() + seconds;;) {
    const std::uint64_t id = ++exchange->orders;
    const auto price = static_cast<int>(life.chance.exponential(quote ? 4 : 12));
    book->levels.try_emplace(price, life).first->second.orders.try_emplace(id, life);
    report(life, *exchange);
    const double pause_s = quote ? life.chance.exponential(20) : seconds;
    co_await life.after(std::max(0.01, std::min(pause_s, end_s - life.now_s())));
    const auto level = book->levels.find(price);
    if (level == book->levels.end() || !level->second.orders.contains(id)) co_return;
    remove(*book, price, id);
    report(life, *exchange);
    if (life.now_s() >= end_s || exchange->closed) co_return;
  }
}

// Few instruments have most of the orders. News makes them come for a while, and go soon.
Behaviour orders(Life& life, SharedExchange exchange, double per_s, double median_s) {
  Spells news(life.chance.uniform(2, 6) * minutes, 5, 25);
  for (;;) {
    const double more = exchange->closed ? 0.05 : exchange->auction || news.on(life) ? 3 : 1;
    co_await life.after(life.chance.exponential(1 / (more * per_s)));
    const auto count = static_cast<double>(exchange->books.size());
    const auto place = static_cast<std::size_t>(count * std::pow(life.chance.uniform(0, 1), 2.5));
    Book& book = exchange->books[place];
    life.keep_for(life.chance.exponential(0.01), Bytes{100, 500}.any(life.chance));
    if (!exchange->auction && life.chance.happens(0.25)) {
      match(life, *exchange, book);
      continue;
    }
    const bool quote = life.chance.happens(0.3);
    const double seconds = std::min(life.chance.lognormal(median_s / (more > 1 ? 3 : 1), 1.6), 8 * minutes);
    order(life, static_cast<int>(1 + place % 2), exchange, &book, seconds, quote);
  }
}

// What was decided on before a session comes at its opening, at once.
Behaviour opening(Life& life, SharedExchange exchange, double orders) {
  for (; orders > 0; --orders) {
    Book& book = exchange->books[life.chance.below(exchange->books.size())];
    order(life, static_cast<int>(1 + life.chance.below(2)), exchange, &book,
          life.chance.uniform(0.5, 7) * minutes, false);
    co_await life.after(life.chance.exponential(0.01));
  }
}

// A session ends with an auction: for a while all orders rest, then they meet, and no book has any left.
Behaviour trading_sessions(Life& life, SharedExchange exchange, double session_s, double auction_s,
                           double waiting_orders) {
  for (;;) {
    exchange->closed = false;
    opening(life, exchange, waiting_orders * life.chance.uniform(0.7, 1.3));
    co_await life.after(session_s - auction_s);
    exchange->auction = true;
    co_await life.after(auction_s);
    exchange->closed = true;
    for (Book& book : exchange->books) {
      Buffer fills(life, 512);
      for (const auto& [price, level] : book.levels)
        for (std::size_t i = 0; i < level.orders.size(); ++i)
          fills.append(life.chance.happens(0.5) ? 64 : 16);
      for (double reports = fills.written() / 64; reports > 0; --reports) report(life, *exchange);
      book.levels.clear();
      life.keep_for(life.chance.uniform(1, 20), fills.take());
      co_await life.after(life.chance.exponential(0.05));
    }
    exchange->auction = false;
    co_await life.after(life.chance.uniform(5, 15));
  }
}

// Sent to the clearing house in one message; and what the market looks like, to all who ask.
Behaviour clearing(Life& life, int thread, SharedExchange exchange, double every_s) {
  co_await life.on(thread);
  [[maybe_unused]] const Block journal = life.block(MiB);
  for (;;) {
    co_await life.after(every_s * life.chance.uniform(0.8, 1.2));
    Buffer message(life, KiB);
    for (const Block& trade : exchange->trades) message.append(trade.bytes());
    exchange->trades.clear();
    std::pmr::vector<Block> snapshots(life.memory());
    for (const Book& book : exchange->books)
      snapshots.push_back(life.block(200 + 32 * static_cast<double>(book.levels.size())));
    co_await life.after(life.chance.uniform(0.5, 5));
  }
}

}  // namespace

void key_value_store(Life& life) {
  const double misses_per_s = life.chance.uniform(8, 30),
               block_bytes = Bytes{4 * KiB, 16 * KiB}.any(life.chance);
  const double cached_s = life.chance.uniform(40, 2 * minutes);
  const auto store = std::allocate_shared<Store>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                                 std::min(cached_s * misses_per_s * block_bytes, 24 * MiB));
  store->memtable_bytes = Bytes{1.5 * MiB, 4 * MiB}.any(life.chance);
  store->arena_bytes = Bytes{4 * KiB, store->memtable_bytes / 8}.any(life.chance);
  store->key_bytes = Bytes{60, 600}.any(life.chance);
  store->block_bytes = block_bytes;
  store->table_bytes = 2 * MiB;
  store->most_fresh = 2 + life.chance.below(3);
  store->most_lower = 3 + life.chance.below(4);
  store->most_bottom = 5 + life.chance.below(8);
  while (store->lower.size() < store->most_lower)
    store->lower.push_back(table(life, *store, store->table_bytes));
  while (store->bottom.size() < store->most_bottom)
    store->bottom.push_back(table(life, *store, store->table_bytes));
  const double per_s = life.chance.uniform(10, 40), filled_s = life.chance.uniform(12, 30);
  writes(life, life.start_thread(), store, per_s, store->memtable_bytes / filled_s / per_s);
  compactions(life, life.start_thread(), store,
              store->memtable_bytes / filled_s * life.chance.uniform(6, 15));
  for (int i = 0; i < 2; ++i) reads(life, life.start_thread(), store, misses_per_s / 2);
  configuration(life, life.chance.uniform(300, 1'500), {24, 300});
}

void connection_pooler(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  configuration(life, life.chance.uniform(1'000, 5'000), {32, 300});
  const auto pool = std::allocate_shared<Pool>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                               life.chance.uniform(5, 20) * minutes);
  pool->most = 8 + life.chance.below(24);
  pool->statement_bytes = Bytes{50 * KiB, 400 * KiB}.any(life.chance);
  pool->server_life_s = life.chance.uniform(2, 5) * minutes;
  janitor(life, pool);
  const double per_s = life.chance.uniform(1.5, 4), pause_s = life.chance.uniform(3, 8);
  clients(life, pool, per_s, pause_s);
  digests(life, life.chance.uniform(8, 25), life.chance.uniform(1, 4) * minutes);
  background(life, 0, life.chance.uniform(5, 20));
}

void matching_engine(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  configuration(life, life.chance.uniform(2'000, 8'000), {40, 600});
  const auto exchange = std::allocate_shared<Exchange>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                                       20 + life.chance.below(80), 4 + life.chance.below(8));
  orders(life, exchange, life.chance.uniform(10, 18), life.chance.uniform(10, 50));
  trading_sessions(life, exchange, life.chance.uniform(10, 15) * minutes, life.chance.uniform(20, 60),
                   life.chance.log_uniform(1'000, 6'000));
  clearing(life, 3, exchange, life.chance.uniform(20, 90));
}

}  // namespace soakline
