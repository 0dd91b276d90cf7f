#include "reports/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "reports/numbers.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

std::string expected_to_fail_on(const RunInfo& info) {
  std::string names;
  for (const Metric metric : info.settings.must_fail)
    names += (names.empty() ? "" : " and ") + std::string(name_of(metric));
  return names;
}

}  // namespace

std::string title_of(const RunInfo& info) {
  std::string title = info.scenario;
  if (title.empty() && !info.command.empty())
    title = std::filesystem::path(info.command.front()).filename().string();
  if (title.empty()) title = "run";
  return info.variant.empty() ? title : fmt::format("{} ({})", title, info.variant);
}

std::string headline_word(Verdict verdict) {
  std::string word(name_of(verdict));
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  return word;
}

bool is_good(Outcome outcome) {
  return outcome == Outcome::passed || outcome == Outcome::caught;
}

std::string outcome_phrase(const RunInfo& info, const RunResult& result) {
  const std::string on = expected_to_fail_on(info);
  if (result.outcome == Outcome::caught) return "control caught";
  if (result.outcome == Outcome::not_caught) return "control NOT caught" + (on.empty() ? "" : " on " + on);
  if (result.outcome == Outcome::inconclusive && !on.empty()) return "control not decided on " + on;
  return "";
}

std::string outcome_sentence(const RunInfo& info, const RunResult& result) {
  const std::string on = expected_to_fail_on(info);
  const std::string control = on.empty() ? "a control" : "a control, expected to fail on " + on;
  switch (result.outcome) {
    case Outcome::passed:
      return "As it should be: nothing drifts past what is tolerated.";
    case Outcome::failed:
      return "Not as it should be: this variant was expected to pass.";
    case Outcome::caught:
      return fmt::format("As it should be: this variant is {}, and it did.", control);
    case Outcome::not_caught:
      return fmt::format(
          "Not as it should be: this variant is {}, and it was not caught. A detector may have gone blind.",
          control);
    case Outcome::inconclusive:
      return "Not decided: the run could not say either way at the confidence asked for.";
    case Outcome::invalid:
      return "Not a measurement: the target, a service, the load or the observer failed.";
  }
  return "";
}

std::string time_text(std::string_view iso8601) {
  if (iso8601.size() < 17 || iso8601[10] != 'T' || iso8601[13] != ':' || iso8601.back() != 'Z')
    return std::string(iso8601);
  return fmt::format("{} {} UTC", iso8601.substr(0, 10), iso8601.substr(11, 5));
}

std::string compression_text(double compression) {
  return "×" + format_count(compression);
}

std::string run_facts(const RunInfo& info, const RunResult& result) {
  std::string facts = fmt::format("{} of {}, seed {}", duration_text(result.ended_at_s),
                                  duration_text(info.settings.time_s), info.seed);
  if (info.settings.compression != 1) facts += ", declared " + compression_text(info.settings.compression);
  return facts;
}

std::string because(const MetricVerdict& metric) {
  std::string text = metric.signal;
  if (!metric.reason.empty()) text += (text.empty() ? "" : ": ") + metric.reason;
  const std::string least = drift_text(metric).smallest;
  if (metric.verdict != Verdict::fail && !least.empty() && !none_kept(metric))
    text += fmt::format("{}would have failed at {} or more", text.empty() ? "" : "; ", least);
  if (metric.settle_s)
    text +=
        fmt::format("; settle: nothing takes longer than {} to turn over", duration_text(*metric.settle_s));
  return text;
}

std::string parts_sentence(const MetricVerdict& metric) {
  if (!metric.parts) return "";
  const auto part = [](const Interval& interval, const char* each) {
    const auto [values, unit] = in_one_unit({interval.value, interval.low, interval.high}, "B");
    return fmt::format("{} {} {} [{}, {}]", values[0], unit, each, values[1], values[2]);
  };
  std::string text = part(metric.parts->per_operation, "an operation") + ", " +
                     part(metric.parts->per_idle_hour, "an idle hour");
  if (metric.parts->per_day) text += "; in production " + part(*metric.parts->per_day, "a day");
  return text;
}

std::string baseline_sentence(const BaselineQuantity& quantity, int runs) {
  const auto [values, unit] =
      in_one_unit({quantity.value, quantity.mean, quantity.low, quantity.high}, quantity.unit);
  const std::string with_unit = unit.empty() ? "" : " " + unit;
  return fmt::format("{} {}{}, accepted {} [{}, {}]{} of {} runs", quantity.quantity, values[0], with_unit,
                     values[1], values[2], values[3], with_unit, runs);
}

std::string level_sentence(const BaselineQuantity& quantity) {
  const double more = quantity.value - quantity.mean;
  const auto [values, unit] =
      in_one_unit({quantity.value, quantity.mean, more, quantity.low, quantity.high}, quantity.unit);
  return fmt::format("{} {}{}, the base {}: {}{} [{}, {}]{}", quantity.quantity, values[0],
                     unit.empty() ? "" : " " + unit, values[1], more > 0 ? "+" : "", values[2], values[3],
                     values[4], quantity.verdict == Verdict::fail ? "  MORE" : "");
}

std::string no_comparison(const BaselineComparison& baseline) {
  if (baseline.status == "none" || baseline.status == "compared" || baseline.status == "base" ||
      baseline.status.empty())
    return "";
  const bool few = baseline.status == "too few runs";
  std::string text = fmt::format("{}: {}", few ? "not judged" : "not compared", baseline.status);
  if (few) text += fmt::format(" ({})", baseline.runs);
  return baseline.message.empty() ? text : text + ", " + baseline.message;
}

std::string evidence_weight(const Evidence& evidence) {
  std::string text;
  if (evidence.share > 0 && std::isfinite(evidence.share))
    text = fmt::format("{} of {}", percent(evidence.share), name_of(evidence.metric));
  if (evidence.survival)
    text += fmt::format("{}{} of its blocks survive", text.empty() ? "" : ", ", percent(*evidence.survival));
  if (evidence.per_day == 0 || !std::isfinite(evidence.per_day)) return text;
  const double size = evidence.per_day;
  const auto [values, unit] = in_one_unit({size}, evidence.metric == Metric::memory ? "B" : "");
  const std::string rate = values[0] + (unit.empty() ? "" : " ") + unit + "/day";
  return text + (text.empty() ? "" : ", ") + (size > 0 ? "+" : "") + rate;
}

std::string folder_name(const RunInfo& info) {
  const auto name = info.folder.filename();
  return (name.empty() ? info.folder.parent_path().filename() : name).string();
}

}  // namespace soakline
