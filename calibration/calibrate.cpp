// calibrate: makes traces of lives, judges them as live runs would be judged, and tells how often that was
// right.
#include <fmt/format.h>

#include <cstdio>

#include <CLI/CLI.hpp>

#include "calibration/cores.hpp"
#include "calibration/kinds.hpp"
#include "calibration/published.hpp"
#include "calibration/scores.hpp"
#include "calibration/sites/calibrate_sites.hpp"
#include "harness/scenario.hpp"

namespace soakline {
namespace {

struct Orders {
  std::filesystem::path folder, program;
  std::vector<std::string> groups, kinds, shapes = {"steady"};
  std::vector<double> leaks = {0};
  unsigned first_seed = 1, seeds = 10;
  std::vector<std::string> signals = {"rss", "chunks", "aged"};
  bool by_kind = false, each = false;
  std::filesystem::path published, kept;
  std::string reason;
};

bool wanted(const std::vector<std::string>& chosen, std::string_view name) {
  return chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
}

bool wanted(const Orders& orders, const std::string& kind) {
  const Kind* known = find_kind(kind);
  return known != nullptr && wanted(orders.groups, to_string(known->group)) && wanted(orders.kinds, kind);
}

std::vector<Trial> trials(const Orders& orders) {
  std::vector<Trial> result;
  for (const Kind& kind : kinds()) {
    const std::string name(kind.name);
    if (!wanted(orders, name)) continue;
    for (unsigned seed = orders.first_seed; seed < orders.first_seed + orders.seeds; ++seed)
      for (const double leak : orders.leaks) {
        if (leak == 0) {
          result.push_back({name, "none", 0, seed});
          continue;
        }
        for (const std::string& shape : orders.shapes) result.push_back({name, shape, leak, seed});
      }
  }
  return result;
}

// Traces that are there already are kept: more seeds cost only those.
void make(const Orders& orders) {
  std::filesystem::create_directories(orders.folder);
  const std::vector<Trial> all = trials(orders);
  on_all_cores(all.size(), [&](std::size_t i) {
    if (!std::filesystem::exists(orders.folder / (all[i].name() + ".csv.gz")))
      make_trace(all[i], orders.program, orders.folder);
  });
}

using AllJudged = std::map<Signal, std::vector<Judged>>;

AllJudged judge_all(const Orders& orders) {
  const auto files = traces_in(orders.folder);
  AllJudged judged;
  std::mutex one_at_a_time;
  on_all_cores(files.size(), [&](std::size_t i) {
    const Trial trial = trial_named(files[i].filename().string());
    if (!wanted(orders, trial.kind)) return;
    const Recording recording = read_trace(files[i]);
    for (const Signal signal : all_signals) {
      if (!wanted(orders.signals, name_of(signal))) continue;
      const MetricVerdict memory = judge_trial(trial, recording, signal);
      const std::scoped_lock lock(one_at_a_time);
      judged[signal].push_back({trial, memory});
    }
  });
  return judged;
}

void print_each(Signal signal, const std::vector<Judged>& judged) {
  for (const auto& [trial, memory] : judged)
    fmt::print("{} {} {} at {:.0f} min: {:.1f} [{:.1f}, {:.1f}] MB/day, {}: {}\n", name_of(signal),
               trial.name(), name_of(memory.verdict), memory.decided_at_s.value_or(0) / 60,
               memory.drift_per_day.value_or(missing) / 1e6, memory.low.value_or(missing) / 1e6,
               memory.high.value_or(missing) / 1e6, memory.signal, memory.reason);
}

// Whether every verdict is the published one; what changed is published where there is a reason for it.
bool hold_against_published(const Orders& orders, const AllJudged& judged) {
  std::vector<PublishedVerdict> now, before;
  for (const auto& [signal, all] : judged)
    for (const Judged& one : all) now.push_back(published(signal, one));
  if (std::filesystem::exists(orders.published)) before = read_published(orders.published);
  const auto changes = verdict_changes(before, now);
  for (const std::string& change : changes) fmt::print("{}\n", change);
  if (!changes.empty() && !orders.reason.empty()) {
    write_published(orders.published, with_reasons(now, before, orders.reason));
    return true;
  }
  fmt::print("{} verdicts, {} other than published\n", now.size(), changes.size());
  return changes.empty();
}

int judge(const Orders& orders) {
  const AllJudged judged = judge_all(orders);
  for (const auto& [signal, all] : judged) {
    if (orders.each) print_each(signal, all);
    if (orders.published.empty()) fmt::print("\n### {}\n\n{}", name_of(signal), scores(all, orders.by_kind));
  }
  return orders.published.empty() || hold_against_published(orders, judged) ? 0 : 1;
}

// Traces as a live run would have left them: up to the last of the verdicts, whose look needs rows beyond.
void keep(const Orders& orders) {
  std::filesystem::create_directories(orders.kept);
  const auto files = traces_in(orders.folder);
  on_all_cores(files.size(), [&](std::size_t i) {
    const Trial trial = trial_named(files[i].filename().string());
    if (!wanted(orders, trial.kind)) return;
    const Recording recording = read_trace(files[i]);
    double end_s = 0;
    for (const Signal signal : all_signals)
      end_s = std::max(end_s, judge_trial(trial, recording, signal).decided_at_s.value_or(never_s));
    cut_trace(files[i], orders.kept / files[i].filename(), end_s + 30);
  });
}

// Every leaking life against the clean one of its seed, and against nothing at all by the same fit: what the
// difference takes away from the noise.
void compare_pairs(const Orders& orders) {
  struct Pairs {
    std::size_t number = 0, fails = 0, passes = 0, covered = 0;
    std::vector<double> errors, widths, errors_alone, widths_alone;
  };
  std::map<double, Pairs> by_leak;
  std::mutex one_at_a_time;
  const auto files = traces_in(orders.folder);
  on_all_cores(files.size(), [&](std::size_t i) {
    const Trial trial = trial_named(files[i].filename().string());
    const auto clean = orders.folder / (Trial{trial.kind, "none", 0, trial.seed}.name() + ".csv.gz");
    if (trial.leak == 0 || !wanted(orders, trial.kind) || !std::filesystem::exists(clean)) return;
    const Recording next = read_trace(files[i]), base = read_trace(clean);
    Recording still = next;
    std::fill(still.rss_bytes.begin(), still.rss_bytes.end(), 0.0);
    for (ChunkWalk& walk : still.chunk_walks) std::fill(walk.counts.begin(), walk.counts.end(), 0.0F);
    const MetricVerdict difference = memory_difference(base, next), alone = memory_difference(still, next);
    if (!difference.low || !alone.low) return;
    const double truth = trial.leak * JudgeSettings{}.memory.fail;
    const std::scoped_lock lock(one_at_a_time);
    Pairs& pairs = by_leak[trial.leak];
    ++pairs.number;
    pairs.fails += difference.verdict == Verdict::fail;
    pairs.passes += difference.verdict == Verdict::pass;
    pairs.covered += *difference.low <= truth && truth <= *difference.high;
    pairs.errors.push_back(std::abs(*difference.drift_per_day - truth) / 1e6);
    pairs.widths.push_back((*difference.high - *difference.low) / 2e6);
    pairs.errors_alone.push_back(std::abs(*alone.drift_per_day - truth) / 1e6);
    pairs.widths_alone.push_back((*alone.high - *alone.low) / 2e6);
  });
  fmt::print(
      "| limits | pairs | FAIL | PASS | error, median (p90) MB/day | half-width, median (p90) | covered | "
      "error of "
      "the new run alone | its half-width |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const auto& [leak, pairs] : by_leak)
    fmt::print("| {:g} | {} | {} | {} | {} | {} | {:.1f} % | {} | {} |\n", leak, pairs.number, pairs.fails,
               pairs.passes, middle_and_tail(pairs.errors), middle_and_tail(pairs.widths),
               100.0 * static_cast<double>(pairs.covered) / static_cast<double>(pairs.number),
               middle_and_tail(pairs.errors_alone), middle_and_tail(pairs.widths_alone));
}

int run(int argc, char** argv) {
  Orders orders;
  CLI::App app("Calibrates the judge on lives of programs in virtual time.", "calibrate");
  app.require_subcommand(1);
  CLI::App* making = app.add_subcommand("make", "make traces");
  CLI::App* judging = app.add_subcommand("judge", "judge traces and print how often that was right");
  CLI::App* keeping = app.add_subcommand("keep", "copy traces, each cut where its last verdict came");
  CLI::App* comparing =
      app.add_subcommand("compare", "hold leaking lives against the clean ones of their seeds");
  CLI::App* sites = app.add_subcommand("sites", "judge simulated programs by allocation site");
  SiteTrials simulated;
  sites->add_option("--clean", simulated.clean, "programs without a leak")->capture_default_str();
  sites->add_option("--leaking", simulated.leaking, "programs with each leak at each rate")
      ->capture_default_str();
  sites->add_option("--first-seed", simulated.first_seed)->capture_default_str();
  sites->add_flag("--by-kind", simulated.by_kind);
  sites->add_flag("--each", simulated.each, "a line for every program");
  for (CLI::App* verb : {making, judging, keeping, comparing}) {
    verb->add_option("folder", orders.folder, "of traces")->required();
    verb->add_option("--group", orders.groups, "tune, report, special, collected, fresh; all unless named");
    verb->add_option("--kind", orders.kinds, "all unless named");
  }
  making->add_option("--leak", orders.leaks, "in limits")->capture_default_str();
  making->add_option("--shape", orders.shapes, "of the leak")->capture_default_str();
  making->add_option("--first-seed", orders.first_seed)->capture_default_str();
  making->add_option("--seeds", orders.seeds, "how many a kind, leak and shape")->capture_default_str();
  judging->add_option("--signal", orders.signals, "rss, chunks, aged")->capture_default_str();
  judging->add_option("--published", orders.published, "file of verdicts that must come again");
  judging->add_option("--reason", orders.reason, "why verdicts changed: publishes those of now");
  keeping->add_option("kept", orders.kept, "folder to copy to")->required();
  judging->add_flag("--by-kind", orders.by_kind);
  judging->add_flag("--each", orders.each, "a line for every trial");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  orders.program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "calibration_life";
  if (orders.reason.find_first_of(",\n") != std::string::npos)
    throw ScenarioError("--reason is a cell of a CSV file: write it without commas");
  if (*sites) return fmt::print("{}", calibrate_sites(simulated)), 0;
  if (*judging) return judge(orders);
  if (*comparing) return compare_pairs(orders), 0;
  *making ? make(orders) : keep(orders);
  return 0;
}

}  // namespace
}  // namespace soakline

int main(int argc, char** argv) {
  try {
    return soakline::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "calibrate: {}\n", error.what());
    return 2;
  }
}
