#include "calibration/sites/kinds.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {

constexpr double from_s = -15;  // it had started before it was ready
constexpr double longest_turn_s = 0.95 * site_settle_s;

SimulatedSite& new_site(SimulatedProgram& program, double block_bytes) {
  program.sites.push_back({std::max(32.0, std::round(block_bytes / 16) * 16), {}});
  return program.sites.back();
}

double small_block(Chance& chance) {
  return chance.log_uniform(32, 600);
}
double entry_block(Chance& chance) {
  return chance.log_uniform(200, 8000);
}

// Births by a rate of bytes, so that no kind has more blocks than a second of simulation is worth.
double births_per_s(double bytes, double over_s, double block_bytes) {
  return std::min(bytes / block_bytes / over_s, 150.0);
}

Death after(Chance& chance, double mean_s) {
  return [&chance, mean_s](double born_s) { return born_s + chance.exponential(mean_s); };
}
Death at_next(double period_s, double offset_s = 0, int turns = 1) {
  return [=](double born_s) {
    return (std::floor((born_s - offset_s) / period_s) + turns) * period_s + offset_s;
  };
}
Death never() {
  return [](double) { return never_s; };
}
Rate steadily(double per_s) {
  return [per_s](double) { return per_s; };
}

// Sites with births at `per_s` and these deaths, over several places in the code.
void spread(SimulatedProgram& program, Chance& chance, double per_s, const Rate& rate, const Death& death,
            std::size_t sites = 3) {
  for (std::size_t i = 0; i < sites; ++i)
    bear(new_site(program, small_block(chance)), chance, from_s, program.time_s, per_s, rate, death);
}

void sessions(SimulatedProgram& program, Chance& chance, double mean_s) {
  const double per_s = chance.log_uniform(2, 60);
  spread(program, chance, per_s, steadily(per_s), after(chance, mean_s), 2 + chance.below(4));
}
void sessions_30_s(SimulatedProgram& program, Chance& chance) {
  sessions(program, chance, 30);
}
void sessions_2_min(SimulatedProgram& program, Chance& chance) {
  sessions(program, chance, 120);
}

void uneven_sessions(SimulatedProgram& program, Chance& chance) {
  const double per_s = chance.log_uniform(2, 40);
  spread(program, chance, per_s, steadily(per_s),
         [&](double born_s) { return born_s + std::min(longest_turn_s, chance.lognormal(20, 1.2)); });
}

void sessions_with_a_tail(SimulatedProgram& program, Chance& chance) {
  const double per_s = chance.log_uniform(5, 80);
  spread(program, chance, per_s, steadily(per_s), [&](double born_s) {
    return born_s +
           (chance.happens(0.1) ? std::min(longest_turn_s, chance.exponential(150)) : chance.exponential(5));
  });
}

void sawtooth(SimulatedProgram& program, Chance& chance) {
  const double period_s = chance.uniform(120, longest_turn_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 30e6), period_s, block);
  bear(new_site(program, block), chance, from_s, program.time_s, per_s, steadily(per_s),
       at_next(period_s, chance.uniform(0, period_s)));
}

void two_sawteeth(SimulatedProgram& program, Chance& chance) {
  sawtooth(program, chance);
  sawtooth(program, chance);
}

void two_generations(SimulatedProgram& program, Chance& chance) {
  const double period_s = chance.uniform(60, longest_turn_s / 2), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 30e6), period_s, block);
  bear(new_site(program, block), chance, from_s, program.time_s, per_s, steadily(per_s),
       at_next(period_s, chance.uniform(0, period_s), 2));
}

void expiring_cache(SimulatedProgram& program, Chance& chance) {
  const double life_s = chance.uniform(60, longest_turn_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 40e6), life_s, block);
  bear(new_site(program, block), chance, from_s, program.time_s, per_s, steadily(per_s),
       [=](double born_s) { return born_s + life_s; });
}

void random_cache(SimulatedProgram& program, Chance& chance) {
  const double mean_s = chance.uniform(30, longest_turn_s / 3), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 30e6), mean_s, block);
  bear(new_site(program, block), chance, from_s, program.time_s, per_s, steadily(per_s),
       [&chance, mean_s](double born_s) {
         return born_s + std::min(longest_turn_s, chance.exponential(mean_s));
       });
}

// Entries that are asked for again are kept on: some leave soon, some late.
void recently_used_cache(SimulatedProgram& program, Chance& chance) {
  const double turn_s = chance.uniform(60, longest_turn_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 30e6), turn_s, block);
  bear(new_site(program, block), chance, from_s, program.time_s, per_s, steadily(per_s),
       [&chance, turn_s](double born_s) {
         return born_s + turn_s * (chance.happens(0.7) ? 0.4 : chance.uniform(0.4, 1));
       });
}

void fill_and_stay(SimulatedProgram& program, Chance& chance) {
  const double fill_s = chance.uniform(30, 0.9 * site_settle_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(1e6, 24e6), fill_s, block);
  bear(new_site(program, block), chance, from_s, fill_s, per_s, steadily(per_s), never());
}

void fill_ever_slower(SimulatedProgram& program, Chance& chance) {
  const double time_s = chance.uniform(20, site_settle_s / 5), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(1e6, 24e6), time_s, block);
  bear(
      new_site(program, block), chance, from_s, program.time_s, per_s,
      [=](double t) { return per_s * std::exp(-std::max(0.0, t) / time_s); }, never());
}

// A pool that is there at once, and a few more objects whenever a new peak comes: 1/t.
void lazy_pool(SimulatedProgram& program, Chance& chance) {
  const double block = entry_block(chance), per_s = births_per_s(2e6, 60, block);
  bear(
      new_site(program, block), chance, from_s, program.time_s, per_s,
      [=](double t) { return t < 20 ? per_s : per_s * std::pow(20 / t, 2); }, never());
}

void distinct_keys(SimulatedProgram& program, Chance& chance) {
  fill_ever_slower(program, chance);
  fill_ever_slower(program, chance);
}

// What was loaded at the start is replaced, one by one, by what another place in the code bears.
void refreshed_cache(SimulatedProgram& program, Chance& chance) {
  const double turn_s = chance.uniform(120, longest_turn_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 24e6), turn_s, block);
  SimulatedSite& loaded = new_site(program, block);
  const auto entries = static_cast<std::size_t>(per_s * turn_s);
  for (std::size_t i = 0; i < entries; ++i)
    loaded.blocks.push_back({from_s, turn_s * static_cast<double>(i) / static_cast<double>(entries)});
  bear(new_site(program, block), chance, 0, program.time_s, per_s, steadily(per_s),
       [=](double born_s) { return born_s + turn_s; });
}

void rhythm(SimulatedProgram& program, Chance& chance) {
  const double period_s = chance.uniform(1200, 3600), phase = chance.uniform(0, 6.28);
  const double per_s = chance.log_uniform(2, 40), depth = chance.uniform(0.2, 0.8);
  spread(
      program, chance, 2 * per_s,
      [=](double t) { return per_s * (1 + depth * std::sin(6.283 * t / period_s + phase)); },
      after(chance, chance.uniform(30, 150)));
}

void growing_crowd(SimulatedProgram& program, Chance& chance) {
  const double ramp_s = chance.uniform(60, site_settle_s / 2), per_s = chance.log_uniform(2, 40);
  spread(
      program, chance, per_s, [=](double t) { return per_s * std::clamp(t / ramp_s, 0.05, 1.0); },
      after(chance, chance.uniform(20, 100)));
}

void bursts(SimulatedProgram& program, Chance& chance) {
  const double period_s = chance.uniform(60, 300), block = entry_block(chance);
  const auto number = static_cast<std::size_t>(chance.log_uniform(20, 2000));
  SimulatedSite& site = new_site(program, block);
  for (double time_s = chance.uniform(0, period_s); time_s < program.time_s;
       time_s += period_s * chance.uniform(0.5, 1.5)) {
    const double until_s = time_s + chance.uniform(40, 240);
    for (std::size_t i = 0; i < number; ++i) site.blocks.push_back({time_s + chance.uniform(0, 2), until_s});
  }
}

// All of it is written anew every so often, and the old is dropped.
void replaced_at_once(SimulatedProgram& program, Chance& chance, double least_s, double most_s) {
  const double period_s = chance.uniform(least_s, most_s), block = entry_block(chance);
  const double number = std::min(20e6 / block, chance.log_uniform(50, 20'000));
  SimulatedSite& site = new_site(program, block);
  for (double time_s = from_s; time_s < program.time_s; time_s += period_s)
    for (std::size_t i = 0; i < static_cast<std::size_t>(number); ++i)
      site.blocks.push_back({time_s + chance.uniform(0, 2), time_s + period_s + chance.uniform(2, 4)});
}
void reload(SimulatedProgram& program, Chance& chance) {
  replaced_at_once(program, chance, 60, 480);
}
void compaction(SimulatedProgram& program, Chance& chance) {
  replaced_at_once(program, chance, 200, longest_turn_s);
}

void doubling_table(SimulatedProgram& program, Chance& chance) {
  const double full_s = chance.uniform(100, longest_turn_s);
  double bytes = 8192, born_s = full_s / 64;
  for (; born_s <= full_s; born_s *= 2, bytes *= 2)
    new_site(program, bytes).blocks.push_back({born_s, born_s * 2 <= full_s ? born_s * 2 : never_s});
}

void renewed_connections(SimulatedProgram& program, Chance& chance) {
  const double per_s = chance.log_uniform(0.2, 10), life_s = chance.uniform(120, 0.8 * longest_turn_s);
  spread(program, chance, per_s, steadily(per_s),
         [&chance, life_s](double born_s) { return born_s + life_s * chance.uniform(0.8, 1.2); });
}

void backlog(SimulatedProgram& program, Chance& chance) {
  const double period_s = chance.uniform(300, 900), per_s = chance.log_uniform(2, 60);
  const double length_s = chance.uniform(40, 150), offset_s = chance.uniform(0, period_s);
  spread(program, chance, per_s, steadily(per_s), [=](double born_s) {
    const double into_s = born_s - offset_s - period_s * std::floor((born_s - offset_s) / period_s);
    return into_s < length_s ? born_s - into_s + length_s : born_s + 1;
  });
}

void big_buffers(SimulatedProgram& program, Chance& chance) {
  const double per_s = 1 / chance.log_uniform(10, 120);
  bear(new_site(program, chance.log_uniform(16e3, 256e3)), chance, from_s, program.time_s, per_s,
       steadily(per_s), after(chance, chance.uniform(5, 60)));
}

void load_in_cycles(SimulatedProgram& program, Chance& chance) {
  program.load = {chance.uniform(200, 500), chance.uniform(0.3, 0.6)};
  const double per_s = chance.log_uniform(2, 60);
  spread(
      program, chance, per_s, [=, load = program.load](double t) { return load.is_on(t) ? per_s : 0; },
      after(chance, chance.uniform(10, 100)));
}

void cache_in_cycles(SimulatedProgram& program, Chance& chance) {
  program.load = {chance.uniform(100, 300), chance.uniform(0.3, 0.6)};
  const double life_s = chance.uniform(60, longest_turn_s), block = entry_block(chance);
  const double per_s = births_per_s(chance.log_uniform(2e6, 30e6), life_s, block);
  bear(
      new_site(program, block), chance, from_s, program.time_s, per_s,
      [=, load = program.load](double t) { return load.is_on(t) ? per_s : 0; },
      [=](double born_s) { return born_s + life_s; });
}

void nothing(SimulatedProgram&, Chance&) {}

void several(SimulatedProgram& program, Chance& chance) {
  const auto kinds = site_kinds();
  for (int i = 0; i < 3; ++i) {
    const SiteKind& kind = kinds[chance.below(kinds.size() - 1)];  // the last is this one
    if (kind.add != load_in_cycles && kind.add != cache_in_cycles) kind.add(program, chance);
  }
}

constexpr SiteKind kinds[] = {{"churn", nothing},
                              {"sessions-30-s", sessions_30_s},
                              {"sessions-2-min", sessions_2_min},
                              {"uneven-sessions", uneven_sessions},
                              {"sessions-with-a-tail", sessions_with_a_tail},
                              {"sawtooth", sawtooth},
                              {"two-sawteeth", two_sawteeth},
                              {"two-generations", two_generations},
                              {"expiring-cache", expiring_cache},
                              {"random-cache", random_cache},
                              {"recently-used-cache", recently_used_cache},
                              {"fill-and-stay", fill_and_stay},
                              {"fill-ever-slower", fill_ever_slower},
                              {"lazy-pool", lazy_pool},
                              {"distinct-keys", distinct_keys},
                              {"refreshed-cache", refreshed_cache},
                              {"rhythm", rhythm},
                              {"growing-crowd", growing_crowd},
                              {"bursts", bursts},
                              {"reload", reload},
                              {"compaction", compaction},
                              {"doubling-table", doubling_table},
                              {"renewed-connections", renewed_connections},
                              {"backlog", backlog},
                              {"big-buffers", big_buffers},
                              {"load-in-cycles", load_in_cycles},
                              {"cache-in-cycles", cache_in_cycles},
                              {"several", several}};

}  // namespace

std::span<const SiteKind> site_kinds() {
  return kinds;
}

void add_noise(SimulatedProgram& program, Chance& chance) {
  const std::size_t sites = 40 + chance.below(200);
  for (std::size_t i = 0; i < sites; ++i) {
    SimulatedSite& site = new_site(program, small_block(chance));
    const std::size_t kept = chance.below(40);  // from the start
    for (std::size_t k = 0; k < kept; ++k) site.blocks.push_back({from_s, never_s});
    // Of its births the few that reach age A at all.
    if (chance.happens(0.2))
      bear(site, chance, from_s, program.time_s, 0.5, steadily(chance.log_uniform(0.005, 0.5)),
           after(chance, chance.uniform(10, 60)));
  }
}

std::string_view name_of(SiteLeak leak) {
  switch (leak) {
    case SiteLeak::alone:
      return "alone";
    case SiteLeak::clumps:
      return "clumps of six";
    case SiteLeak::split:
      return "split over six sites";
    case SiteLeak::with_cache:
      return "in a cache's site";
    case SiteLeak::with_sawtooth:
      return "in a sawtooth's site";
    case SiteLeak::big:
      return "64 KiB blocks";
    case SiteLeak::loaded:
      return "under load only";
    case SiteLeak::late:
      return "after 15 minutes";
  }
  return "";
}

std::uint32_t add_leak(SimulatedProgram& program, Chance& chance, SiteLeak leak, double bytes_per_s) {
  const auto first = static_cast<std::uint32_t>(program.sites.size() + 1);
  const double block = leak == SiteLeak::big ? 65'552 : chance.happens(0.5) ? 80 : 288;
  const double per_s = bytes_per_s / block;
  const auto leaks = [&](double rate_per_s, double since_s = from_s) {
    bear(new_site(program, block), chance, since_s, program.time_s, rate_per_s, steadily(rate_per_s),
         never());
  };
  if (leak == SiteLeak::split) {
    for (int i = 0; i < 6; ++i) leaks(per_s / 6);
  } else if (leak == SiteLeak::clumps) {
    leaks(per_s / 6);
    SimulatedSite& site = program.sites.back();
    const std::size_t number = site.blocks.size();
    for (std::size_t i = 0; i < number; ++i)
      for (int more = 0; more < 5; ++more) site.blocks.push_back(site.blocks[i]);
  } else if (leak == SiteLeak::loaded) {
    program.load = {chance.uniform(200, 400), 0.4};
    bear(
        new_site(program, block), chance, from_s, program.time_s, per_s / 0.4,
        [=, load = program.load](double t) { return load.is_on(t) ? per_s / 0.4 : 0; }, never());
  } else {
    leaks(per_s, leak == SiteLeak::late ? 900 : from_s);
  }
  SimulatedSite& site = program.sites.back();
  if (leak == SiteLeak::with_cache)
    bear(site, chance, from_s, program.time_s, 10 * per_s, steadily(10 * per_s),
         [](double born_s) { return born_s + 300; });
  if (leak == SiteLeak::with_sawtooth)
    bear(site, chance, from_s, program.time_s, 10 * per_s, steadily(10 * per_s), at_next(300, 40));
  return first;
}

}  // namespace soakline
