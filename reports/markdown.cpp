#include "reports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/escape.hpp"
#include "reports/html_sections.hpp"
#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_frames = 5;

std::string shown_line(std::string_view text) {
  return markdown_text(without_directories(text));
}

int badness(const RecordedRun& run) {
  if (!run.result) return 2;
  switch (run.result->outcome) {
    case Outcome::failed:
    case Outcome::not_caught:
      return 0;
    case Outcome::invalid:
      return 1;
    case Outcome::inconclusive:
      return 3;
    default:
      return 4;
  }
}

std::string_view mark(const RecordedRun& run) {
  if (!run.result) return "⚪";
  if (is_good(run.result->outcome)) return "✅";
  return run.result->outcome == Outcome::inconclusive ? "❔"
         : run.result->outcome == Outcome::invalid    ? "⚠️"
                                                      : "❌";
}

std::string metric_cell(const RecordedRun& run, Metric wanted) {
  if (run.result)
    for (const MetricVerdict& metric : run.result->metrics) {
      if (metric.metric != wanted) continue;
      const DriftText text = drift_text(metric);
      const std::string measured = none_kept(metric)    ? "none kept"
                                   : text.drift.empty() ? ""
                                                        : text.drift_with_unit() + " " + text.interval();
      const std::string word(name_of(metric.verdict));
      return markdown_text(measured.empty() ? word : fmt::format("{}: {}", word, measured));
    }
  return "–";
}

std::string row(const RecordedRun& run) {
  const std::string verdict = run.result ? headline_word(run.result->verdict) : "INTERRUPTED";
  const std::string phrase = run.result ? outcome_phrase(run.info, *run.result) : "";
  return fmt::format(
      "| {} **{}**{} | {} | {} | {} | {} | {} |\n", mark(run), verdict,
      phrase.empty() ? "" : ", " + shown_line(phrase), shown_line(title_of(run.info)),
      metric_cell(run, Metric::memory), metric_cell(run, Metric::threads),
      metric_cell(run, Metric::descriptors),
      run.result ? shown_line(run_facts(run.info, *run.result)) : duration_text(run.recording.end_s()));
}

std::string details(const RecordedRun& run) {
  if (!run.result) return "";
  const RunResult& result = *run.result;
  std::string text;
  if (!is_good(result.outcome)) {
    text += shown_line(outcome_sentence(run.info, result)) + "\n";
    if (const std::string lead = lead_sentence(result); !lead.empty()) text += "\n" + shown_line(lead) + "\n";
  }
  if (!result.message.empty()) text += "\n" + shown_line(result.message) + "\n";
  std::string list;
  if (const std::string why = no_comparison(result.baseline); !why.empty())
    list += "- Baseline: " + shown_line(why) + "\n";
  for (const Evidence& evidence : result.evidence) {
    const std::string weight = evidence_weight(evidence);
    list += fmt::format("- Grew: {}{}\n", shown_line(evidence.kind),
                        weight.empty() ? "" : ", " + shown_line(weight));
    for (std::size_t i = 0; i < std::min(most_frames, evidence.frames.size()); ++i)
      list += "  - " + shown_line(evidence.frames[i]) + "\n";
  }
  if (!list.empty()) text += (text.empty() ? "" : "\n") + list;
  return text.empty() ? "" : fmt::format("\n#### {}\n\n{}", shown_line(title_of(run.info)), text);
}

}  // namespace

std::string markdown_report(const std::vector<RecordedRun>& runs) {
  std::vector<const RecordedRun*> worst;
  worst.reserve(runs.size());
  for (const RecordedRun& run : runs) worst.push_back(&run);
  std::stable_sort(worst.begin(), worst.end(),
                   [](const auto* a, const auto* b) { return badness(*a) < badness(*b); });
  std::string text = "### Soakline\n\n";
  if (runs.empty()) return text + "No runs.\n";
  text += "| Verdict | Scenario | Memory | Threads | Descriptors | Run |\n|---|---|---|---|---|---|\n";
  for (const RecordedRun* run : worst) text += row(*run);
  text += "\nDrifts are growth per production day with a 99 % interval.\n";
  for (const RecordedRun* run : worst) text += details(*run);
  return text;
}

}  // namespace soakline
