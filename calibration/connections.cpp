#include "calibration/connections.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

// Clients come through load balancers. One that fails takes all its connections with it.
struct Gateway {
  double tls_bytes, idle_bytes, idle_s, message_bytes, message_gap_s, stay_s;
  std::array<double, 4> balancer_fails_s{};
};
using SharedGateway = std::shared_ptr<Gateway>;

Behaviour balancer(Life& life, SharedGateway gateway, std::size_t number) {
  for (;;) {
    const double gap_s = life.chance.uniform(3.5, 12) * minutes;
    gateway->balancer_fails_s[number] = life.now_s() + gap_s;
    co_await life.after(gap_s + 1);
  }
}

void handshake(Life& life) {
  const double seconds = std::min(life.chance.lognormal(0.15, 0.8), 5.0);
  life.keep_for(seconds, Bytes{4 * KiB, 16 * KiB}.any(life.chance));
  for (int i = 0; i < 4; ++i) life.keep_for(seconds, Bytes{32, 1.5 * KiB}.any(life.chance));
}

struct Connection {
  Connection(Life& life, const Gateway& gateway)
      : socket(life.block(560)),
        tls(life.block(gateway.tls_bytes * life.chance.uniform(0.9, 1.3))),
        input(life.block(gateway.idle_bytes)),
        room(gateway.idle_bytes),
        topics(life.memory()) {
    for (auto i = life.chance.uniform(1, 6); i > 0; --i)
      topics.push_back(life.block(Bytes{48, 160}.any(life.chance)));
  }
  void grow() {
    input.reallocate(2 * room);
    input.write(room, 2 * room);
    room *= 2;
  }

  Block socket, tls, input;
  double room;
  std::pmr::vector<Block> topics;
};

// The buffer doubles while a message comes in, and is as small as at first when the client falls silent.
Behaviour client(Life& life, SharedGateway gateway, std::size_t balancer, double first_s) {
  const double& fails_s = gateway->balancer_fails_s[balancer];
  co_await life.after(first_s);
  for (double retry_s = 1;; retry_s = std::min(2 * retry_s, 20.0)) {
    co_await life.after(retry_s * life.chance.uniform(0.3, 1));
    co_await life.on(life.any_thread(life.chance));
    handshake(life);
    co_await life.after(life.chance.exponential(0.3));
    if (life.now_s() >= fails_s || life.chance.happens(0.05)) continue;
    Connection connection(life, *gateway);
    life.open_descriptors(1);
    const double leaves_s = life.now_s() + std::min(life.chance.exponential(gateway->stay_s), 9 * minutes);
    const double ends_s = std::min(leaves_s, fails_s);
    for (;;) {
      const double next_s = std::min(life.now_s() + life.chance.exponential(gateway->message_gap_s), ends_s);
      if (connection.room > gateway->idle_bytes && next_s > life.now_s() + gateway->idle_s) {
        co_await life.after(gateway->idle_s);
        connection.input.reallocate(connection.room = gateway->idle_bytes);
      }
      co_await life.after(next_s - life.now_s());
      if (life.now_s() >= ends_s) break;
      const double bytes = std::min(life.chance.lognormal(gateway->message_bytes, 1.6), 512 * KiB);
      while (connection.room < bytes) {
        connection.grow();
        co_await life.after(life.chance.exponential(0.03));
      }
      life.keep_for(life.chance.exponential(0.1), bytes);  // unmasked and decoded
    }
    life.open_descriptors(-1);
    retry_s = ends_s < leaves_s ? 0.5 : life.chance.uniform(2, 10);
  }
}

using Message = std::shared_ptr<const Block>;

// Only those that do not read at once need a place in a queue; the last of them frees the message.
Behaviour slow_reader(Life& life, int thread, Message message, double seconds) {
  co_await life.on(thread);
  [[maybe_unused]] const Block place = life.block(40);
  co_await life.after(seconds);
  message.reset();
}

Behaviour broadcasts(Life& life, double per_s, double slow_readers) {
  const Rhythm rhythm = any_rhythm(life.chance);
  Spells congestion(life.chance.uniform(2, 6) * minutes, 5, 30);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const double bytes = std::min(life.chance.lognormal(1.5 * KiB, 1.4), 256 * KiB);
    life.keep_for(life.chance.uniform(0.01, 0.1), bytes);
    const auto packed = std::allocate_shared<const Block>(std::pmr::polymorphic_allocator<>(life.memory()),
                                                          life.block(bytes / 3));
    const double worse = congestion.on(life) ? 4 : 1;
    for (double i = life.chance.exponential(worse * slow_readers); i > 0; --i)
      slow_reader(life, life.any_thread(life.chance), packed,
                  std::min(life.chance.lognormal(0.6 * worse, 1.3), 45.0));
  }
}

struct Flow {
  double expires_s;
  Block entry, mapping, helper;
};

// What has expired goes when the collector comes by. When the table is full, one of a few entries must make
// room, the one that would expire first.
class FlowTable {
 public:
  FlowTable(Life& life, double most) : life_(&life), most_(most), flows_(life.memory()) { resize(1024); }

  double size() const { return static_cast<double>(flows_.size()); }

  void insert(Flow flow) {
    if (size() < most_) {
      flows_.push_back(std::move(flow));
      if (size() > buckets_) resize(2 * buckets_);
      return;
    }
    std::size_t dropped = life_->chance.below(flows_.size());
    for (int i = 0; i < 7; ++i) {
      const std::size_t other = life_->chance.below(flows_.size());
      if (flows_[other].expires_s < flows_[dropped].expires_s) dropped = other;
    }
    flows_[dropped] = std::move(flow);
  }

  void collect(double share) {
    for (double looks = share * size(); looks > 0 && !flows_.empty(); --looks) {
      next_ %= flows_.size();
      if (flows_[next_].expires_s > life_->now_s()) {
        ++next_;
      } else {
        std::swap(flows_[next_], flows_.back());
        flows_.pop_back();
      }
    }
    if (size() < buckets_ / 4) resize(buckets_ / 2);
  }

 private:
  // Readers may still be in the old buckets for a moment.
  void resize(double buckets) {
    if (table_) life_->keep_for(life_->chance.uniform(0.1, 2), std::move(table_));
    buckets_ = std::max(buckets, 1024.0);
    table_ = life_->block(16 * buckets_);
  }

  Life* life_;
  double most_, buckets_ = 0;
  std::pmr::vector<Flow> flows_;
  Block table_;
  std::size_t next_ = 0;
};
using SharedFlowTable = std::shared_ptr<FlowTable>;

struct Timeouts {
  double closed_s, established_s, datagram_s, datagrams_s, unanswered_s;
};

struct Tracking {
  SharedFlowTable table;
  double per_s, entry_bytes, mapping_bytes;
  Timeouts timeouts;
  Rhythm rhythm;
};

Flow any_flow(Life& life, const Tracking& of) {
  Chance& chance = life.chance;
  double seconds = 10;  // an echo
  if (chance.happens(0.5)) {
    const bool closed = chance.happens(0.85);
    seconds = std::min(chance.lognormal(5, 1.5), 4.5 * minutes) +
              (closed ? of.timeouts.closed_s : of.timeouts.established_s);
  } else if (chance.happens(0.9)) {
    const bool stream = chance.happens(0.3);
    seconds = stream ? chance.exponential(20) + of.timeouts.datagrams_s : of.timeouts.datagram_s;
  }
  Flow flow{life.now_s() + std::min(seconds, 9 * minutes), life.block(of.entry_bytes), {}, {}};
  if (chance.happens(0.7)) flow.mapping = life.block(of.mapping_bytes);
  if (chance.happens(0.05)) flow.helper = life.block(Bytes{150, 2 * KiB}.any(chance));
  return flow;
}

// What is to be logged goes out in datagrams of the collector's.
Behaviour flows(Life& life, int thread, Tracking of, double log_bytes) {
  co_await life.on(thread);
  [[maybe_unused]] const Block packets = life.block(Bytes{128 * KiB, 512 * KiB}.any(life.chance));
  for (;;) {
    Buffer log(life, KiB);
    while (log.written() < log_bytes) {
      co_await life.after(life.chance.exponential(1 / (of.per_s * of.rhythm.load(life.now_s()))));
      of.table->insert(any_flow(life, of));
      log.append(life.chance.uniform(60, 180));
      if (!life.chance.happens(0.02)) continue;
      const double seconds = life.chance.happens(0.1) ? 30 : life.chance.exponential(0.02);
      for (auto fragments = life.chance.uniform(1, 5); fragments > 0; --fragments)
        life.keep_for(seconds, Bytes{600, 1.5 * KiB}.any(life.chance));
    }
    life.keep_for(life.chance.exponential(1), log.take(), 0);
  }
}

// Every connection of a flood is half open, or one unanswered datagram.
Behaviour flow_floods(Life& life, Tracking of) {
  for (;;) {
    co_await life.after(life.chance.uniform(2.5, 5.5) * minutes);
    co_await life.on(life.any_thread(life.chance));
    const bool mapped = life.chance.happens(0.4);
    const double count = of.table->size() * life.chance.uniform(3.5, 7);
    const double seconds = life.chance.uniform(6, 25);
    for (double i = 0; i < count; ++i) {
      co_await life.after(life.chance.exponential(seconds / count));
      Flow flow{life.now_s() + of.timeouts.unanswered_s, life.block(of.entry_bytes), {}, {}};
      if (mapped) flow.mapping = life.block(of.mapping_bytes);
      of.table->insert(std::move(flow));
    }
  }
}

Behaviour collector(Life& life, SharedFlowTable table, double share) {
  for (;;) {
    co_await life.after(1);
    table->collect(share);
  }
}

struct Meeting {
  int thread, members, speaker;
  double begins_s, ends_s;
  Block state;
};
using SharedMeeting = std::shared_ptr<Meeting>;

struct Media {
  double high_bytes_per_s, low_bytes_per_s, resend_s, tick_s, transport_bytes;
};

// Who speaks is watched in the largest picture; all others send that one to nobody.
Behaviour speakers(Life& life, SharedMeeting meeting) {
  while (life.now_s() < meeting->ends_s) {
    if (meeting->members > 0)
      meeting->speaker = static_cast<int>(life.chance.below(static_cast<std::size_t>(meeting->members)));
    co_await life.after(std::min(life.chance.lognormal(6, 1), minutes));
  }
}

// Packets wait until the late ones among them are there, longer when the network is bad, and stay to be sent
// again.
Behaviour participant(Life& life, SharedMeeting meeting, Media media, double joins_s) {
  co_await life.after(std::max(0.0, joins_s - life.now_s()));
  const int number = meeting->members++;
  life.open_descriptors(2);
  std::pmr::vector<Block> agreed(life.memory());
  for (double i = 15 + 3 * std::min(number, 12); i > 0; --i)
    agreed.push_back(life.block(Bytes{32, 700}.any(life.chance)));
  Buffer description(life, KiB);
  description.append(Bytes{3 * KiB, 15 * KiB}.any(life.chance));
  life.keep_for(life.chance.uniform(0.5, 3), description.take());

  co_await life.on(meeting->thread);
  Spells bad_network(life.chance.log_uniform(1, 20) * minutes, 3, 30);
  const Block transport = life.block(media.transport_bytes);
  double places = 256;
  Block ring = life.block(16 * places);
  std::pmr::deque<std::pair<double, Block>> packets(life.memory());
  const double leaves_s = meeting->ends_s - (life.chance.happens(0.2) ? life.chance.exponential(minutes) : 0);
  for (bool spoke = false; life.now_s() < leaves_s;) {
    const bool bad = bad_network.on(life), speaks = meeting->speaker == number;
    const double kept_s = media.resend_s + (bad ? life.chance.uniform(0.5, 2) : life.chance.exponential(0.1));
    const double high = (speaks ? media.high_bytes_per_s : 0) * media.tick_s * (bad ? 0.4 : 1);
    const double low = media.low_bytes_per_s * media.tick_s;
    packets.emplace_back(life.now_s(), life.block(low * life.chance.uniform(0.5, 1.5)));
    if (speaks) packets.emplace_back(life.now_s(), life.block(high * life.chance.uniform(0.6, 1.3)));
    if (speaks && !spoke) packets.emplace_back(life.now_s(), life.block(2 * high));  // a key frame
    while (packets.front().first < life.now_s() - kept_s) packets.pop_front();
    if (bad && places < 2'048) ring = life.block(16 * (places *= 2));
    spoke = speaks;
    co_await life.after(media.tick_s);
  }
  co_await life.on(0);
  life.open_descriptors(-2);
}

void begin_meeting(Life& life, const Media& media, double begins_s, double ends_s, double members) {
  const auto meeting = std::allocate_shared<Meeting>(std::pmr::polymorphic_allocator<>(life.memory()));
  *meeting = {life.any_thread(life.chance), 0, 0, begins_s, ends_s, {}};
  meeting->state = life.block(Bytes{8 * KiB, 40 * KiB}.any(life.chance));
  speakers(life, meeting);
  for (; members > 0; --members) {
    const double late_s = life.chance.lognormal(10, 1) - life.chance.uniform(0, 12);
    participant(life, meeting, media, std::min(begins_s + late_s, ends_s));
  }
}

// Most meetings take a slot of the calendar, some half of one or two.
Behaviour calendar(Life& life, Media media, double slot_s, double meetings) {
  for (;;) {
    for (double i = meetings * life.chance.uniform(0.7, 1.3); i > 0; --i) {
      const double slots = life.chance.happens(0.2) ? 0.5 : life.chance.happens(0.15) ? 2 : 1;
      const double begins_s = life.now_s() + life.chance.uniform(0, 0.1) * slot_s;
      const double ends_s = begins_s + slots * slot_s * life.chance.uniform(0.7, 1);
      const double members = std::min(life.chance.pareto(2, 1.3), 30.0);
      begin_meeting(life, media, begins_s, ends_s, members);
    }
    co_await life.after(slot_s);
  }
}

Behaviour calls_without_date(Life& life, Media media, double per_s) {
  for (;;) {
    co_await life.after(life.chance.exponential(1 / per_s));
    const double seconds = std::min(life.chance.lognormal(50, 0.8), 4.5 * minutes);
    begin_meeting(life, media, life.now_s(), life.now_s() + seconds, 2);
  }
}

}  // namespace

void websocket_gateway(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(1'000, 3'000), {24, 300});
  for (auto loops = chance.uniform(2, 5); loops > 0; --loops) life.start_thread();
  const auto gateway = std::allocate_shared<Gateway>(std::pmr::polymorphic_allocator<>(life.memory()));
  *gateway = {Bytes{3 * KiB, 12 * KiB}.any(chance),
              chance.happens(0.5) ? KiB : 4 * KiB,
              chance.uniform(3, 20),
              Bytes{600, 5 * KiB}.any(chance),
              chance.log_uniform(40, 150),
              chance.uniform(1.8, 3) * minutes,
              {}};
  for (std::size_t i = 0; i < gateway->balancer_fails_s.size(); ++i) balancer(life, gateway, i);
  for (double clients = chance.uniform(800, 2'000); clients > 0; --clients)
    client(life, gateway, chance.below(gateway->balancer_fails_s.size()), chance.uniform(0, 2) * minutes);
  broadcasts(life, chance.uniform(1, 6), chance.uniform(2, 8));
}

void connection_tracker(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(5'000, 15'000), {40, 250});  // rules, lists of addresses
  const double workers = std::floor(chance.uniform(2, 5)), per_s = chance.uniform(35, 75);
  const auto table = std::allocate_shared<FlowTable>(std::pmr::polymorphic_allocator<>(life.memory()), life,
                                                     per_s * chance.uniform(250, 600));
  const Tracking of{table,
                    per_s / workers,
                    chance.uniform(240, 330),
                    chance.uniform(80, 140),
                    {chance.uniform(40, 120), chance.uniform(2, 4) * minutes, 30, chance.uniform(90, 180),
                     chance.uniform(20, 60)},
                    any_rhythm(chance)};
  for (double i = 0; i < workers; ++i)
    flows(life, life.start_thread(), of, Bytes{1.4 * KiB, 60 * KiB}.any(chance));
  flow_floods(life, of);
  collector(life, table, chance.uniform(0.05, 0.2));
}

void conference_server(Life& life) {
  Chance& chance = life.chance;
  configuration(life, chance.uniform(2'000, 6'000), {24, 400});
  for (auto workers = chance.uniform(2, 5); workers > 0; --workers) life.start_thread();
  const Media media{Bytes{60 * KiB, 200 * KiB}.any(chance), Bytes{8 * KiB, 25 * KiB}.any(chance),
                    chance.uniform(1, 4), chance.uniform(0.4, 0.9), Bytes{20 * KiB, 60 * KiB}.any(chance)};
  calendar(life, media, chance.uniform(2.5, 4.5) * minutes, chance.uniform(5, 14));
  calls_without_date(life, media, chance.uniform(0.02, 0.08));
  background(life, 0, chance.uniform(5, 20));
}

}  // namespace soakline
