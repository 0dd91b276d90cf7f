#include "reports/openmetrics.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "reports/escape.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

std::string label(std::string_view name, std::string_view value) {
  return fmt::format("{}=\"{}\"", name, label_text(value));
}

// One a run. Two series may not bear the same labels: where folders do not tell runs apart, their position
// does.
std::vector<std::string> labels_of(const std::vector<RecordedRun>& runs) {
  std::vector<std::string> labels;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunInfo& info = runs[i].info;
    std::string name = folder_name(info);
    if (name.empty() || !taken.insert(name).second) name += fmt::format("#{}", i + 1);
    labels.push_back(label("scenario", info.scenario) + "," + label("variant", info.variant) + "," +
                     label("run", name));
  }
  return labels;
}

std::string head(std::string_view family, std::string_view type, std::string_view help) {
  return fmt::format("# TYPE {} {}\n# HELP {} {}\n", family, type, family, help);
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string sample(std::string_view name, std::string_view labels, double value) {
  return fmt::format("{}{{{}}} {}\n", name, labels, number(value));
}

template <class Each>
std::string over_runs(const std::vector<RecordedRun>& runs, Each each) {
  std::string text;
  const auto labels = labels_of(runs);
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (runs[i].result) text += each(runs[i], labels[i]);
  return text;
}

using Part = std::function<std::optional<double>(const MetricVerdict&)>;

std::string metric_family(const std::vector<RecordedRun>& runs, std::string_view family,
                          std::string_view help, const Part& part) {
  return head(family, "gauge", help) +
         over_runs(runs, [&](const RecordedRun& run, const std::string& labels) {
           std::string text;
           for (const MetricVerdict& metric : run.result->metrics)
             if (const auto value = part(metric))
               text += sample(family, labels + "," + label("metric", name_of(metric.metric)), *value);
           return text;
         });
}

std::string run_gauge(const std::vector<RecordedRun>& runs, std::string_view family, std::string_view help,
                      const std::function<double(const RecordedRun&)>& value) {
  return head(family, "gauge", help) +
         over_runs(runs, [&](const RecordedRun& run, const std::string& labels) {
           return sample(family, labels, value(run));
         });
}

template <class State, std::size_t N>
std::string states(std::string_view family, const std::string& labels, const std::array<State, N>& all,
                   State current) {
  std::string text;
  for (const State state : all)
    text += sample(family, labels + "," + label(family, name_of(state)), state == current ? 1 : 0);
  return text;
}

constexpr std::array all_verdicts = {Verdict::pass, Verdict::fail, Verdict::inconclusive, Verdict::invalid,
                                     Verdict::not_judged};
constexpr std::array all_outcomes = {Outcome::passed,     Outcome::failed,       Outcome::caught,
                                     Outcome::not_caught, Outcome::inconclusive, Outcome::invalid};

std::optional<double> if_positive(double value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string openmetrics_report(const std::vector<RecordedRun>& runs) {
  std::string text =
      head("soakline_outcome", "stateset", "Whether a run did what its variant is expected to do.") +
      over_runs(runs, [](const RecordedRun& run, const std::string& labels) {
        return states("soakline_outcome", labels, all_outcomes, run.result->outcome);
      });
  text += head("soakline_verdict", "stateset", "What was measured of a metric.") +
          over_runs(runs, [](const RecordedRun& run, const std::string& labels) {
            std::string lines;
            for (const MetricVerdict& metric : run.result->metrics)
              lines += states("soakline_verdict", labels + "," + label("metric", name_of(metric.metric)),
                              all_verdicts, metric.verdict);
            return lines;
          });
  text += metric_family(runs, "soakline_drift_per_day",
                        "Growth per production day, bytes for memory, else a count.",
                        [](const MetricVerdict& m) { return m.drift_per_day; });
  text += metric_family(runs, "soakline_drift_low_per_day", "Lower end of its 99 % interval.",
                        [](const MetricVerdict& m) { return m.low; });
  text += metric_family(runs, "soakline_drift_high_per_day", "Upper end of its 99 % interval.",
                        [](const MetricVerdict& m) { return m.high; });
  text += metric_family(runs, "soakline_limit_per_day", "Drift at which a run must fail.",
                        [](const MetricVerdict& m) { return if_positive(m.limit); });
  text += metric_family(runs, "soakline_tolerated_per_day", "Drift up to which a run must not fail.",
                        [](const MetricVerdict& m) { return if_positive(m.tolerated); });
  text += run_gauge(runs, "soakline_exit_code", "0 pass, 1 fail, 3 inconclusive, 4 invalid.",
                    [](const RecordedRun& run) { return run.result->exit; });
  text += run_gauge(runs, "soakline_run_seconds", "How long the run was sampled.",
                    [](const RecordedRun& run) { return run.result->ended_at_s; });
  text += run_gauge(runs, "soakline_compression_ratio",
                    "Production days that a day of soak was declared to stand for.",
                    [](const RecordedRun& run) { return run.info.settings.compression; });
  return text + "# EOF\n";
}

}  // namespace soakline
