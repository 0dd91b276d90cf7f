#include "calibration/scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>

#include "calibration/kinds.hpp"
#include "harness/judge/comparison.hpp"
#include "harness/judge/judge.hpp"

namespace soakline {
namespace {

constexpr double limit = 90e6;  // bytes a day

struct Score {
  std::size_t trials = 0, fails = 0, passes = 0, with_interval = 0, covered = 0;
  std::vector<double> fail_minutes, pass_minutes, errors;
};

void add(Score& score, const Judged& judged) {
  const MetricVerdict& memory = judged.memory;
  ++score.trials;
  const double minutes = memory.decided_at_s.value_or(0) / 60;
  if (memory.verdict == Verdict::fail) {
    ++score.fails;
    score.fail_minutes.push_back(minutes);
  } else if (memory.verdict == Verdict::pass) {
    ++score.passes;
    score.pass_minutes.push_back(minutes);
  }
  if (!memory.drift_per_day || memory.verdict == Verdict::inconclusive) return;
  const double truth = judged.trial.leak * limit;
  ++score.with_interval;
  if (*memory.low <= truth && truth <= *memory.high) ++score.covered;
  score.errors.push_back(std::abs(*memory.drift_per_day - truth) / 1e6);
}

// The nearest-rank quantile among `trials`, of which those beyond values.size() never came to a verdict.
std::string quantile_of(std::vector<double> values, std::size_t trials, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(trials)));
  return rank == 0 || rank > values.size() ? "never" : fmt::format("{:.0f}", values[rank - 1]);
}

std::string minutes(const std::vector<double>& values, std::size_t trials) {
  return values.empty()
             ? ""
             : fmt::format("{} ({})", quantile_of(values, trials, 0.5), quantile_of(values, trials, 0.9));
}

std::string wrong(std::size_t count, std::size_t trials) {
  return fmt::format("{} (< {:.2g} %)", count, 100 * binomial_upper(count, trials));
}

std::string line(const std::string& name, const std::string& shape, double leak, const Score& s) {
  const bool clean = leak <= 0.5, leaking = leak >= 1;
  const auto covered = s.with_interval == 0
                           ? std::string()
                           : fmt::format("{:.1f} %", 100.0 * static_cast<double>(s.covered) /
                                                         static_cast<double>(s.with_interval));
  return fmt::format("| {} | {} | {:g} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name, shape, leak,
                     s.trials, clean ? wrong(s.fails, s.trials) : "",
                     leaking ? wrong(s.passes, s.trials) : "", s.trials - s.fails - s.passes,
                     minutes(s.fail_minutes, s.trials), minutes(s.pass_minutes, s.trials),
                     quantile_of(s.errors, s.errors.size(), 0.9), covered);
}

}  // namespace

std::string_view name_of(Signal signal) {
  switch (signal) {
    case Signal::rss:
      return "rss";
    case Signal::chunks:
      return "chunks";
    case Signal::aged:
      return "aged";
  }
  return {};
}

MetricVerdict judge_trial(const Trial& trial, Recording recording, Signal signal) {
  if (signal != Signal::chunks) recording.chunk_walks.clear();
  if (signal != Signal::aged)
    for (auto* column : {&recording.heap_live_bytes, &recording.heap_aged_bytes}) column->clear();
  JudgeSettings settings;
  settings.stop = trial.shape == "late" ? Stop::fail : Stop::decided;
  const Kind* kind = find_kind(trial.kind);
  if (kind != nullptr) settings.settle_s = kind->settle_s;
  if (kind != nullptr && kind->group == Group::collected) settings.collected_by = "a collector";
  return judge_recording(recording, settings).front();
}

MetricVerdict memory_difference(const Recording& base, const Recording& next) {
  MetricVerdict memory;
  memory.verdict = Verdict::inconclusive;
  const std::vector<MetricVerdict> metrics = {memory};
  return compare({base, metrics}, {next, metrics}, {}).front();
}

std::string middle_and_tail(const std::vector<double>& values) {
  return fmt::format("{} ({})", quantile_of(values, values.size(), 0.5),
                     quantile_of(values, values.size(), 0.9));
}

std::string scores(const std::vector<Judged>& judged, bool by_kind) {
  std::map<std::tuple<std::string, std::string, double>, Score> lines;
  for (const Judged& one : judged)
    add(lines[{by_kind ? one.trial.kind : "all", one.trial.shape, one.trial.leak}], one);
  std::string table =
      "| kind | leak | limits | trials | false FAIL | false PASS | undecided | FAIL after, median (p90) min "
      "| "
      "PASS after | error, p90 MB/day | covered |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [key, score] : lines)
    table += line(std::get<0>(key), std::get<1>(key), std::get<2>(key), score);
  return table;
}

double binomial_upper(std::size_t wrong, std::size_t trials) {
  if (wrong >= trials) return 1;
  return boost::math::binomial_distribution<>::find_upper_bound_on_p(static_cast<double>(trials),
                                                                     static_cast<double>(wrong), 0.01);
}

}  // namespace soakline
