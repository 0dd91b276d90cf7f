#include "reports/verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

constexpr std::size_t longest = 300;  // characters of one foreign text
constexpr std::size_t evidence_lines = 3;

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t has = columns_of(text);
  return has < columns ? text + std::string(columns - has, ' ') : text;
}

std::string labelled(std::string_view label, std::string_view text) {
  return fmt::format("  {:<11}  {}\n", label, printable(text, longest));
}

std::string headline(const RunInfo& info, const RunResult& result, bool colours) {
  const std::string facts = run_facts(info, result);
  std::string line = coloured(headline_word(result.verdict), result.verdict, colours) + "  " +
                     printable(title_of(info), longest);
  const std::string phrase = outcome_phrase(info, result);
  if (!phrase.empty()) {
    const Verdict shade = is_good(result.outcome) ? Verdict::pass : Verdict::fail;
    line += "  " + coloured(phrase, result.outcome == Outcome::inconclusive ? Verdict::inconclusive : shade,
                            colours);
  }
  return line + "        " + facts + "\n";
}

struct MetricLine {
  std::string measured, shape, limit, word, reason;
  Verdict verdict;
};

MetricLine metric_line(const MetricVerdict& metric) {
  const DriftText text = drift_text(metric);
  MetricLine line;
  line.verdict = metric.verdict;
  if (none_kept(metric))
    line.measured = "none kept; would have seen " + text.smallest;
  else if (text.drift.empty())
    line.measured = "no drift measured";
  else
    line.measured = text.drift_with_unit() + (text.low.empty() ? "" : " " + text.interval());
  if (metric.shape) line.shape = name_of(*metric.shape);
  if (!text.limit.empty()) line.limit = "limit " + text.limit;
  if (!text.limit.empty() && !text.tolerated.empty()) line.limit += ", tolerated " + text.tolerated;
  const bool loud = metric.verdict == Verdict::fail || metric.verdict == Verdict::invalid;
  line.word = loud ? headline_word(metric.verdict) : std::string(name_of(metric.verdict));
  line.reason = printable(because(metric), longest);
  return line;
}

std::string metric_lines(const std::vector<MetricVerdict>& metrics, bool colours) {
  std::vector<std::pair<std::string_view, MetricLine>> lines;
  for (const MetricVerdict& metric : metrics) {
    // CPU has no limit of its own: the baseline's line speaks of it.
    if (metric.metric == Metric::cpu && metric.verdict == Verdict::not_judged) continue;
    lines.emplace_back(name_of(metric.metric), metric_line(metric));
  }
  std::size_t measured = 0, shape = 0, limit = 0, word = 0;
  for (const auto& [name, line] : lines) {
    measured = std::max(measured, columns_of(line.measured));
    shape = std::max(shape, columns_of(line.shape));
    limit = std::max(limit, columns_of(line.limit));
    word = std::max(word, columns_of(line.word));
  }
  std::string text;
  for (const auto& [name, line] : lines) {
    text += fmt::format("  {:<11}  {}  {}{}{}  {}", name, padded(line.measured, measured),
                        padded(line.shape, shape), shape > 0 ? "  " : "", padded(line.limit, limit),
                        coloured(line.word, line.verdict, colours));
    if (!line.reason.empty()) text += std::string(word - columns_of(line.word), ' ') + "  " + line.reason;
    text += "\n";
  }
  for (const MetricVerdict& metric : metrics)
    if (const std::string parts = parts_sentence(metric); !parts.empty()) text += labelled("growth", parts);
  return text;
}

std::string chain(const std::vector<std::string>& frames, std::size_t first, std::size_t last) {
  std::string text;
  for (std::size_t i = first; i < std::min(last, frames.size()); ++i)
    text += (i == 0 ? "" : text.empty() ? "<- " : "  <- ") + frames[i];
  return text;
}

// From what holds it down to what grew; one that nothing holds has no chain.
std::string held_by(const Evidence& holder, const std::string& weight) {
  std::string chain;
  for (const std::string& link : holder.frames) chain += (chain.empty() ? "" : " → ") + link;
  const bool lost = chain.starts_with(no_pointer_found);
  return fmt::format("{} ({}){} {}", lost ? "lost" : "held", weight, lost ? ":" : " by", chain);
}

// One thing that grew has all three lines to itself; several share them.
std::string evidence_text(const std::vector<Evidence>& evidence) {
  std::string text;
  const bool alone = evidence.size() == 1;
  for (std::size_t i = 0; i < std::min(evidence.size(), evidence_lines); ++i) {
    const Evidence& one = evidence[i];
    const std::string weight = evidence_weight(one);
    if (one.kind == "holder") {
      text += labelled(i == 0 ? "what grew" : "", held_by(one, weight));
      continue;
    }
    std::string line = one.kind + (weight.empty() ? "" : " (" + weight + ")");
    line += one.frames.empty() ? "" : ": " + chain(one.frames, 0, alone ? 1 : 2);
    text += labelled(i == 0 ? "what grew" : "", line);
    if (alone && one.frames.size() > 1) text += labelled("", chain(one.frames, 1, 3));
    if (alone && one.frames.size() > 3) text += labelled("", chain(one.frames, 3, 5));
  }
  return text;
}

std::string baseline_text(const BaselineComparison& baseline) {
  if (baseline.status == "base") {
    std::string levels;
    for (const BaselineQuantity& quantity : baseline.quantities)
      levels += labelled(levels.empty() ? "levels" : "", level_sentence(quantity));
    return levels;
  }
  std::string regressions, same;
  for (const BaselineQuantity& quantity : baseline.quantities) {
    if (quantity.verdict == Verdict::fail)
      regressions += labelled("regression", baseline_sentence(quantity, baseline.runs));
    if (quantity.verdict == Verdict::pass) same += (same.empty() ? "" : ", ") + quantity.quantity;
  }
  if (!regressions.empty()) return regressions;
  if (const std::string why = no_comparison(baseline); !why.empty()) return labelled("baseline", why);
  return same.empty() ? ""
                      : labelled("baseline", fmt::format("as in {} accepted runs: {}", baseline.runs, same));
}

}  // namespace

std::string suspect_text(const RunInfo& info, double time_s, const Evidence& suspect) {
  std::string text =
      fmt::format("{}  suspect at {}: {}: {}", printable(title_of(info), 200),
                  duration_text(std::floor(time_s)), evidence_weight(suspect), chain(suspect.frames, 0, 3));
  if (time_s < info.settings.settle_s)
    text += fmt::format("; no fail before settle, {}", duration_text(info.settings.settle_s));
  return printable(text, 700);
}

std::string coloured(std::string_view text, Verdict verdict, bool colours) {
  if (!colours) return std::string(text);
  const char* code = "2";
  switch (verdict) {
    case Verdict::pass:
      code = "1;32";
      break;
    case Verdict::fail:
      code = "1;31";
      break;
    case Verdict::inconclusive:
      code = "1;33";
      break;
    case Verdict::invalid:
      code = "1;35";
      break;
    case Verdict::not_judged:
      break;
  }
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string format_verdict(const RunInfo& info, const RunResult& result, const TextStyle& style) {
  std::string text = headline(info, result, style.colours);
  if (style.quiet) return text;
  if (!result.message.empty()) text += labelled("because", result.message);
  text += metric_lines(result.metrics, style.colours);
  text += evidence_text(result.evidence);
  text += baseline_text(result.baseline);
  if (!info.folder.empty()) text += labelled("report", (info.folder / "report.html").string());
  return text;
}

}  // namespace soakline
