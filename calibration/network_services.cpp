#include "calibration/network_services.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "calibration/parts.hpp"

namespace soakline {
namespace {

struct Relay {
  int in, out;             // threads
  double in_memory_bytes;  // of a body that waits; a larger one does so on disk
};

// Taken in on one thread and delivered on another, as often as the host refuses it within four minutes.
Behaviour mail(Life& life, Relay relay, Spells* outages, double bytes) {
  co_await life.on(relay.in);
  life.open_descriptors(1);
  Block client = life.block(Bytes{12 * KiB, 36 * KiB}.any(life.chance));
  std::pmr::vector<Block> envelope(life.memory());
  for (auto lines = life.chance.uniform(8, 30); lines > 0; --lines)
    envelope.push_back(life.block(Bytes{32, 400}.any(life.chance)));
  Buffer received(life, 4 * KiB);
  while (received.written() < bytes) {
    received.append(std::min(16 * KiB, bytes - received.written()));
    co_await life.after(life.chance.exponential(0.05));
  }
  Block body = received.take();
  life.keep_for(life.chance.exponential(3), std::move(client));
  life.open_descriptors(-1);

  co_await life.on(relay.out);
  const double given_up_s = life.now_s() + 4 * minutes;
  double pause_s = life.chance.uniform(15, 40);
  for (bool first = true;; first = false) {
    Block connection = life.block(Bytes{8 * KiB, 24 * KiB}.any(life.chance));
    if (!body) body = life.block(bytes);
    co_await life.after(std::min(life.chance.lognormal(0.5, 0.9), 20.0));
    const bool greylisted = first && life.chance.happens(0.06);
    if (!greylisted && !outages->on(life)) {
      life.keep_for(life.chance.uniform(0, 15), std::move(connection));
      break;
    }
    if (life.now_s() + 1.2 * pause_s > given_up_s) {
      life.keep_for(life.chance.exponential(2), Bytes{2 * KiB, 10 * KiB}.any(life.chance));
      break;
    }
    connection.free();
    envelope.push_back(life.block(Bytes{60, 300}.any(life.chance)));
    if (bytes > relay.in_memory_bytes) body.free();
    co_await life.after(pause_s * life.chance.uniform(0.8, 1.2));
    pause_s = std::min(2 * pause_s, 90.0);
  }
}

// Few hosts get most of the mail. A newsletter is a message to many at once.
Behaviour relay_mail(Life& life, double per_s, Relay relay, std::size_t count) {
  const Rhythm rhythm = any_rhythm(life.chance);
  std::pmr::vector<Spells> hosts(life.memory());
  for (std::size_t i = 0; i < count; ++i)
    hosts.emplace_back(life.chance.log_uniform(5, 40) * minutes, 10, 120);
  double next_newsletter_s = life.chance.uniform(1, 3) * minutes;
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    double copies = 1, bytes = std::min(life.chance.lognormal(10 * KiB, 1.5), MiB);
    if (life.now_s() > next_newsletter_s) {
      next_newsletter_s = life.now_s() + life.chance.uniform(2, 5) * minutes;
      copies = life.chance.uniform(50, 150);
      bytes = Bytes{6 * KiB, 25 * KiB}.any(life.chance);
    }
    for (; copies > 0; --copies) {
      const double place = std::pow(life.chance.uniform(0, 1), 2) * static_cast<double>(count);
      mail(life, relay, &hosts[static_cast<std::size_t>(place)], bytes);
    }
  }
}

// By the number of the name. What has expired goes when the sweep comes by, a little of the table each
// second.
class Answers {
 public:
  Answers(Life& life, std::size_t names)
      : life_(&life), buckets_(life.block(8.0 * static_cast<double>(names))), of_(names, life.memory()) {}

  std::size_t any_name() {
    const double place = std::pow(life_->chance.uniform(0, 1), 3) * static_cast<double>(of_.size());
    return static_cast<std::size_t>(place);
  }
  bool has(std::size_t name) const { return of_[name].expires_s > life_->now_s(); }

  void put(std::size_t name) {
    // The owner of a name chooses how long its answers may be kept.
    constexpr std::array kept_s = {20, 30, 60, 60, 120, 240};
    Chance& chance = life_->chance;
    Answer& answer = of_[name];
    answer.expires_s = life_->now_s() + kept_s[name % kept_s.size()];
    answer.header = life_->block(Bytes{90, 200}.any(chance));
    answer.records = life_->block(std::min(chance.lognormal(80, 0.9), 2 * KiB));
    if (name % 3 == 0) answer.signature = life_->block(Bytes{110, 400}.any(chance));
  }

  void sweep(std::size_t count) {
    for (; count > 0; --count, next_ = (next_ + 1) % of_.size())
      if (of_[next_].header && !has(next_)) of_[next_] = {};
  }

 private:
  struct Answer {
    double expires_s = 0;
    Block header, records, signature;
  };
  Life* life_;
  Block buckets_;
  std::pmr::vector<Answer> of_;
  std::size_t next_ = 0;
};
using SharedAnswers = std::shared_ptr<Answers>;

// Asks one server after another, some of which are slow.
Behaviour resolve(Life& life, SharedAnswers answers, std::size_t name) {
  const Block state = life.block(Bytes{1.5 * KiB, 5 * KiB}.any(life.chance));
  for (auto servers = life.chance.uniform(0, 3); servers > 0; --servers) {
    const Block packet = life.block(Bytes{300, 1232}.any(life.chance));
    const double seconds = life.chance.happens(0.02) ? 3 : life.chance.lognormal(0.03, 1);
    co_await life.after(seconds);
  }
  answers->put(name);
}

Behaviour questions(Life& life, int thread, SharedAnswers answers, double per_s, Rhythm rhythm) {
  co_await life.on(thread);
  for (;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    life.keep_for(life.chance.exponential(0.02), Bytes{300, 1.5 * KiB}.any(life.chance));
    const std::size_t name = answers->any_name();
    if (!answers->has(name)) resolve(life, answers, name);
  }
}

Behaviour sweeps(Life& life, SharedAnswers answers, std::size_t each_s) {
  for (;;) {
    co_await life.after(1);
    answers->sweep(each_s);
  }
}

// Names that nobody has, made up to burden somebody's server: that they do not exist is kept, too.
Behaviour floods(Life& life, int thread, double per_s, double kept_s) {
  co_await life.on(thread);
  Spells floods(life.chance.uniform(2, 5) * minutes, 5, 15);
  for (;;) {
    co_await life.after(floods.on(life) ? life.chance.exponential(1 / per_s) : 1);
    if (!floods.on(life)) continue;
    life.keep_for(life.chance.exponential(0.3), Bytes{1.5 * KiB, 5 * KiB}.any(life.chance));
    life.keep_for(kept_s, Bytes{120, 260}.any(life.chance));
  }
}

// Where phones stand. It loses its connection now and then, and they all come back within seconds.
struct Site {
  double first_loss_s, every_s;
  double next_loss_s(double now_s) const {
    return first_loss_s + every_s * std::max(0.0, std::ceil((now_s - first_loss_s) / every_s));
  }
};

// A request stays half a minute after its answer, lest it come once more.
void transaction(Life& life, double seconds) {
  life.keep_for(seconds, Bytes{700, 2 * KiB}.any(life.chance));
  for (int i = 0; i < 4; ++i) life.keep_for(seconds, Bytes{40, 250}.any(life.chance));
}

// A phone's place in the table is there from its first time on; what it said last replaces what it said
// before.
Behaviour phone(Life& life, int thread, Site site, double first_s, double registered_s) {
  co_await life.on(thread);
  co_await life.after(first_s);
  [[maybe_unused]] const Block place = life.block(Bytes{160, 320}.any(life.chance));
  for (Block contact, path;;) {
    if (life.chance.happens(0.3)) {
      life.keep_for(registered_s / 2, Bytes{64, 100}.any(life.chance));  // a nonce
      transaction(life, 5);
    }
    transaction(life, 32);
    contact = life.block(Bytes{90, 260}.any(life.chance));
    path = life.block(Bytes{50, 160}.any(life.chance));
    const double again_s = life.now_s() + registered_s * life.chance.uniform(0.5, 0.9);
    const double loss_s = site.next_loss_s(life.now_s());
    if (loss_s < again_s) {
      co_await life.after(loss_s - life.now_s() + life.chance.uniform(4, 15));
    } else if (life.chance.happens(0.02)) {
      co_await life.after(registered_s);
      contact.free();
      path.free();
      co_await life.after(life.chance.uniform(5, 2 * minutes));
    } else {
      co_await life.after(again_s - life.now_s());
    }
  }
}

// Two legs, agreed on anew every minute and a half, that end on another thread than they began on.
Behaviour telephone_call(Life& life, int thread, double seconds) {
  co_await life.on(thread);
  life.open_descriptors(4);
  transaction(life, 32);
  const Block caller = life.block(Bytes{KiB, 3 * KiB}.any(life.chance));
  const Block callee = life.block(Bytes{KiB, 3 * KiB}.any(life.chance));
  const Block media = life.block(Bytes{8 * KiB, 20 * KiB}.any(life.chance));
  for (; seconds > 0; seconds -= 90) {
    const Block description = life.block(Bytes{400, 1.5 * KiB}.any(life.chance));
    co_await life.after(std::min(seconds, 90.0));
  }
  co_await life.on(life.any_thread(life.chance));
  transaction(life, 32);
  life.open_descriptors(-4);
}

// What is to be charged is written in one go, and forgotten.
Behaviour telephone_calls(Life& life, double per_s, double median_s, double written_every_s) {
  const Rhythm rhythm{life.chance.uniform(5, 9) * minutes, life.chance.uniform(0.2, 0.6),
                      life.chance.uniform(3, 4.5) * minutes};
  std::pmr::vector<Block> charges(life.memory());
  for (double next_s = written_every_s;;) {
    co_await life.after(life.chance.exponential(1 / (per_s * rhythm.load(life.now_s()))));
    const double seconds = std::min(life.chance.lognormal(median_s, 1), 4.5 * minutes);
    telephone_call(life, life.any_thread(life.chance), seconds);
    charges.push_back(life.block(Bytes{400, 900}.any(life.chance)));
    if (life.now_s() < next_s) continue;
    life.keep_for(life.chance.uniform(0.2, 2), 300.0 * static_cast<double>(charges.size()));
    charges.clear();
    next_s = life.now_s() + written_every_s;
  }
}

}  // namespace

void mail_relay(Life& life) {
  configuration(life, life.chance.uniform(2'000, 8'000), {32, 500});
  const Relay relay{life.start_thread(), life.start_thread(), Bytes{16 * KiB, 128 * KiB}.any(life.chance)};
  relay_mail(life, life.chance.uniform(1.5, 5), relay,
             static_cast<std::size_t>(life.chance.uniform(40, 150)));
  background(life, 0, life.chance.uniform(5, 20));
}

void dns_resolver(Life& life) {
  configuration(life, life.chance.uniform(3'000, 12'000), {24, 120});
  const auto names = static_cast<std::size_t>(life.chance.log_uniform(10'000, 40'000));
  const auto answers =
      std::allocate_shared<Answers>(std::pmr::polymorphic_allocator<>(life.memory()), life, names);
  const double per_s = life.chance.uniform(8, 18);
  const Rhythm rhythm = any_rhythm(life.chance);
  for (int i = 0; i < 3; ++i) questions(life, life.start_thread(), answers, per_s, rhythm);
  sweeps(life, answers, names / 40);
  floods(life, life.any_thread(life.chance), life.chance.uniform(50, 200), life.chance.uniform(5, 60));
}

void sip_registrar(Life& life) {
  for (int i = 0; i < 3; ++i) life.start_thread();
  std::array<Site, 6> sites;
  for (Site& site : sites) site = {life.chance.uniform(1, 6) * minutes, life.chance.uniform(5, 16) * minutes};
  constexpr std::array registered_s = {60.0, 120.0, 120.0, 180.0, 240.0};
  for (double phones = life.chance.uniform(600, 1'800); phones > 0; --phones)
    phone(life, life.any_thread(life.chance), sites[life.chance.below(sites.size())],
          life.chance.uniform(0, 2.5) * minutes, registered_s[life.chance.below(registered_s.size())]);
  telephone_calls(life, life.chance.uniform(0.5, 2), life.chance.uniform(30, 70),
                  life.chance.uniform(20, 90));
  background(life, 0, life.chance.uniform(10, 30));
}

}  // namespace soakline
