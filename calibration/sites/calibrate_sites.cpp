#include "calibration/sites/calibrate_sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "calibration/cores.hpp"
#include "calibration/scores.hpp"
#include "calibration/sites/kinds.hpp"
#include "harness/judge/judge.hpp"

namespace soakline {
namespace {

constexpr double limit_per_s = 90e6 / 86'400;

JudgeSettings settings_of(double time_s) {
  JudgeSettings settings;
  settings.time_s = time_s;
  settings.warmup_s = 120;
  settings.age_s = 60;
  settings.settle_s = site_settle_s;
  settings.stop = Stop::fail;
  return settings;
}

struct SiteTrial {
  const SiteKind* kind;
  std::optional<SiteLeak> leak;
  double limits = 0;
  unsigned seed = 0;
};

struct SiteVerdict {
  SiteTrial trial;
  MetricVerdict memory;
  bool right_culprit = false;
};

SiteVerdict judge_program(const SiteTrial& trial) {
  Chance chance(trial.seed);
  SimulatedProgram program{trial.leak ? 2700.0 : 1800.0, 60, {}, {}};
  add_noise(program, chance);
  trial.kind->add(program, chance);
  std::uint32_t first = 0, last = 0;
  if (trial.leak) {
    first = add_leak(program, chance, *trial.leak, trial.limits * limit_per_s);
    last = static_cast<std::uint32_t>(program.sites.size());
  }
  const Recording recording = program.recording();
  Judge judge(settings_of(program.time_s));
  judge.advance(recording, recording.end_s());
  judge.conclude(recording);
  SiteVerdict verdict{trial, judge.metrics().front()};
  const auto culprits = judge.culprits();
  verdict.right_culprit = !culprits.empty() && first <= culprits[0].site && culprits[0].site <= last;
  return verdict;
}

std::vector<SiteTrial> trials_of(const SiteTrials& orders) {
  const auto kinds = site_kinds();
  std::vector<SiteTrial> all;
  unsigned seed = orders.first_seed;
  for (std::size_t i = 0; i < orders.clean; ++i)
    all.push_back({&kinds[i % kinds.size()], std::nullopt, 0, seed++});
  for (const SiteLeak leak : all_site_leaks)
    for (const double limits : {0.5, 1.0, 2.0})
      for (std::size_t i = 0; i < orders.leaking; ++i)
        all.push_back({&kinds[i % kinds.size()], leak, limits, seed++});
  return all;
}

struct Row {
  std::size_t trials = 0, fails = 0, passes = 0, right = 0;
  std::vector<double> fail_minutes, pass_minutes;
};

std::string line(const std::string& name, double limits, const Row& row) {
  return fmt::format("| {} | {:g} | {} | {} | {} | {} | {} | {} |\n", name, limits, row.trials, row.fails,
                     row.fails > 0 ? middle_and_tail(row.fail_minutes) : "",
                     limits > 0 && row.fails > 0 ? fmt::format("{}", row.right) : "", row.passes,
                     row.passes > 0 ? middle_and_tail(row.pass_minutes) : "");
}

}  // namespace

std::string calibrate_sites(const SiteTrials& orders) {
  const auto trials = trials_of(orders);
  std::map<std::pair<std::string, double>, Row> rows;
  std::mutex one_at_a_time;
  on_all_cores(trials.size(), [&](std::size_t i) {
    const SiteVerdict verdict = judge_program(trials[i]);
    const SiteTrial& trial = verdict.trial;
    std::string name(trial.leak ? name_of(*trial.leak) : "clean");
    if (orders.by_kind) name += " " + std::string(trial.kind->name);
    const double minutes = verdict.memory.decided_at_s.value_or(0) / 60;
    const std::scoped_lock lock(one_at_a_time);
    Row& row = rows[{name, trial.limits}];
    ++row.trials;
    if (verdict.memory.verdict == Verdict::fail) {
      ++row.fails;
      row.right += verdict.right_culprit;
      row.fail_minutes.push_back(minutes);
    } else if (verdict.memory.verdict == Verdict::pass) {
      ++row.passes;
      row.pass_minutes.push_back(minutes);
    }
    if (orders.each)
      fmt::print(stderr, "{} {} {:g} seed {}: {} at {:.1f} min by {}, {:.1f} MB/day: {}\n", trial.kind->name,
                 trial.leak ? name_of(*trial.leak) : "clean", trial.limits, trial.seed,
                 name_of(verdict.memory.verdict), minutes, verdict.memory.signal,
                 verdict.memory.drift_per_day.value_or(0) / 1e6, verdict.memory.reason);
  });
  std::string table =
      "| leak | limits | programs | FAIL | minutes (p90) | right culprit | PASS | minutes (p90) |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const auto& [key, row] : rows) table += line(key.first, key.second, row);
  return table;
}

}  // namespace soakline
