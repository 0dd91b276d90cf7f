#include "reports/junit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

struct Case {
  std::string name;
  std::string tag, type, message;  // tag "failure" or "error"; empty for a success
  std::string said;
};

struct Suite {
  std::string name, started_at;
  std::string cases;
  std::set<std::string> variants;
  int tests = 0, failures = 0, errors = 0;
  double time_s = 0;
};

bool expected_to_fail(const RunInfo& info, Metric metric) {
  const auto& named = info.settings.must_fail;
  return std::find(named.begin(), named.end(), metric) != named.end();
}

std::string said_of(const MetricVerdict& metric) {
  const DriftText text = drift_text(metric);
  std::string line = text.drift.empty() ? "no drift measured" : text.drift_with_unit();
  if (!text.low.empty()) line += " " + text.interval();
  if (!text.limit.empty()) line += fmt::format(", limit {}, tolerated {}", text.limit, text.tolerated);
  const std::string why = because(metric);
  return line + ": " + std::string(name_of(metric.verdict)) + (why.empty() ? "" : ", " + why);
}

Case metric_case(const RecordedRun& run, const MetricVerdict& metric) {
  const Outcome outcome = run.result->outcome;
  Case one{std::string(name_of(metric.metric)), "", "", "", said_of(metric)};
  if (is_good(outcome)) return one;
  const bool must_fail = expected_to_fail(run.info, metric.metric);
  if (outcome == Outcome::not_caught && must_fail && metric.verdict != Verdict::fail)
    one.tag = "failure", one.type = "not caught", one.message = "control not caught: " + one.said;
  else if (metric.verdict == Verdict::fail && !must_fail)
    one.tag = "failure", one.type = "drift", one.message = one.said;
  else if (metric.verdict == Verdict::inconclusive || metric.verdict == Verdict::invalid)
    one.tag = "error", one.type = name_of(metric.verdict), one.message = one.said;
  return one;
}

std::vector<Case> baseline_cases(const RunResult& result) {
  std::vector<Case> cases;
  for (const BaselineQuantity& quantity : result.baseline.quantities) {
    if (quantity.verdict == Verdict::not_judged) continue;
    Case one{"baseline " + quantity.quantity, "", "", "", baseline_sentence(quantity, result.baseline.runs)};
    if (quantity.verdict == Verdict::fail)
      one.tag = "failure", one.type = "regression", one.message = one.said;
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<Case> cases_of(const RecordedRun& run) {
  if (!run.result) return {{"run", "error", "interrupted", "the run ended before its verdict", ""}};
  const RunResult& result = *run.result;
  std::vector<Case> cases;
  for (const MetricVerdict& metric : result.metrics)
    if (metric.verdict != Verdict::not_judged) cases.push_back(metric_case(run, metric));
  for (Case& one : baseline_cases(result)) cases.push_back(std::move(one));
  const bool told = std::any_of(cases.begin(), cases.end(), [](const Case& one) { return !one.tag.empty(); });
  // The outcome alone decides: if no metric carries it, the run as a whole does.
  if (cases.empty() || (!told && !is_good(result.outcome))) {
    const bool failed = result.outcome == Outcome::failed || result.outcome == Outcome::not_caught;
    cases.push_back({"run",
                     is_good(result.outcome) ? ""
                     : failed                ? "failure"
                                             : "error",
                     std::string(name_of(result.outcome)),
                     result.message.empty() ? outcome_sentence(run.info, result) : result.message, ""});
  }
  return cases;
}

std::string attribute(std::string_view name, std::string_view value) {
  return fmt::format(" {}=\"{}\"", name, markup(value));
}

void add(Suite& suite, const RecordedRun& run) {
  std::string variant = run.info.variant;
  // Two testcases of one name would be shown as one.
  if (!suite.variants.insert(variant).second) variant += (variant.empty() ? "" : " ") + folder_name(run.info);
  if (!variant.empty()) variant += ": ";
  const double ended_s = run.result ? run.result->ended_at_s : run.recording.end_s();
  double time_s = std::isfinite(ended_s) ? ended_s : 0;
  suite.time_s += time_s;
  for (const Case& one : cases_of(run)) {
    suite.cases += "    <testcase" + attribute("classname", suite.name) +
                   attribute("name", variant + one.name) +
                   fmt::format(" time=\"{:.3f}\">", std::exchange(time_s, 0));
    if (!one.tag.empty())
      suite.cases +=
          fmt::format("<{}{}{}/>", one.tag, attribute("type", one.type), attribute("message", one.message));
    if (!one.said.empty()) suite.cases += "<system-out>" + markup(one.said) + "</system-out>";
    suite.cases += "</testcase>\n";
    ++suite.tests;
    suite.failures += one.tag == "failure";
    suite.errors += one.tag == "error";
  }
}

}  // namespace

std::string junit_report(const std::vector<RecordedRun>& runs) {
  std::vector<Suite> suites;
  Suite all;
  for (const RecordedRun& run : runs) {
    RunInfo unnamed = run.info;
    unnamed.variant.clear();
    const std::string name = title_of(unnamed);
    auto suite = std::find_if(suites.begin(), suites.end(), [&](const Suite& s) { return s.name == name; });
    if (suite == suites.end())
      suite = suites.insert(suites.end(), Suite{name, run.info.started_at, "", {}, 0, 0, 0, 0});
    add(*suite, run);
  }
  std::string text;
  for (const Suite& suite : suites) {
    all.tests += suite.tests, all.failures += suite.failures, all.errors += suite.errors,
        all.time_s += suite.time_s;
    text +=
        "  <testsuite" + attribute("name", suite.name) +
        (suite.started_at.empty() ? "" : attribute("timestamp", suite.started_at)) +
        fmt::format(
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3f}\">\n{}  </testsuite>\n",
            suite.tests, suite.failures, suite.errors, suite.time_s, suite.cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"soakline\" tests=\"{}\" "
      "failures=\"{}\" "
      "errors=\"{}\" time=\"{:.3f}\">\n{}</testsuites>\n",
      all.tests, all.failures, all.errors, all.time_s, text);
}

}  // namespace soakline
