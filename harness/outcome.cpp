#include "harness/outcome.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace soakline {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    case Outcome::caught:
      return "caught";
    case Outcome::not_caught:
      return "not caught";
    case Outcome::inconclusive:
      return "inconclusive";
    case Outcome::invalid:
      return "invalid";
  }
  throw std::logic_error("an outcome without a name");
}

Outcome outcome_of(Verdict verdict, const std::vector<MetricVerdict>& metrics,
                   const std::vector<Metric>& must_fail) {
  if (verdict == Verdict::invalid) return Outcome::invalid;
  if (must_fail.empty()) {
    if (verdict == Verdict::fail) return Outcome::failed;
    return verdict == Verdict::pass ? Outcome::passed : Outcome::inconclusive;
  }
  bool undecided = false, wrong = false, caught = true;
  for (const MetricVerdict& metric : metrics) {
    const bool named = std::find(must_fail.begin(), must_fail.end(), metric.metric) != must_fail.end();
    if (!named) {
      wrong = wrong || metric.verdict == Verdict::fail;
    } else if (metric.verdict != Verdict::fail) {
      caught = false;
      undecided = undecided || metric.verdict == Verdict::inconclusive;
    }
  }
  if (caught) return Outcome::caught;
  // A fail on another metric than the named ones shows a detector that is blind where it was meant to see.
  return undecided && !wrong ? Outcome::inconclusive : Outcome::not_caught;
}

void fail_what_drifted_until_death(std::vector<MetricVerdict>& metrics, double end_s) {
  for (MetricVerdict& metric : metrics) {
    if (metric.decided_at_s || !metric.low || *metric.low <= metric.tolerated) continue;
    metric.verdict = Verdict::fail;
    metric.decided_at_s = end_s;
    metric.reason = "drifted until the target died";
  }
}

void apply_baseline(RunResult& result) {
  for (const BaselineQuantity& quantity : result.baseline.quantities) {
    if (quantity.verdict == Verdict::fail) result.verdict = Verdict::fail;
    if (!quantity.quantity.starts_with("cpu")) continue;
    for (MetricVerdict& metric : result.metrics) {
      if (metric.metric != Metric::cpu) continue;
      metric.verdict = quantity.verdict;
      metric.signal = "baseline";
      metric.reason =
          quantity.verdict == Verdict::fail ? "more than the accepted runs" : "as the accepted runs";
    }
  }
}

int exit_code(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
    case Outcome::caught:
      return 0;
    case Outcome::failed:
    case Outcome::not_caught:
      return 1;
    case Outcome::inconclusive:
      return 3;
    case Outcome::invalid:
      return 4;
  }
  throw std::logic_error("an outcome without an exit code");
}

int worst_exit(std::span<const int> codes) {
  for (const int code : {1, 4, 2, 3})
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return code;
  return 0;
}

}  // namespace soakline
