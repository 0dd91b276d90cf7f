#include "reports/live_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/verdict_text.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

constexpr std::size_t longest_title = 200;

double level_of(const Sample& sample, Metric metric) {
  switch (metric) {
    case Metric::memory:
      return sample.rss_bytes;
    case Metric::threads:
      return sample.threads;
    case Metric::descriptors:
      return sample.descriptors;
    case Metric::cpu:
      return sample.cpu_s;
  }
  return missing;
}

std::string progress_bar(double done, std::size_t columns) {
  static constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto filled = static_cast<std::size_t>(std::clamp(done, 0.0, 1.0) * static_cast<double>(columns) * 8);
  std::string bar;
  for (std::size_t i = 0; i < filled / 8; ++i) bar += "█";
  bar += eighths[filled % 8];
  const std::size_t used = filled / 8 + (filled % 8 != 0);
  for (std::size_t i = used; i < columns; ++i) bar += "·";
  return bar;
}

// While a run goes on, "inconclusive" only means that it has not been decided yet.
std::string state_word(const LiveRun& run, const MetricVerdict* metric) {
  if (metric == nullptr) return run.last.time_s < run.info.settings.warmup_s ? "warming up" : "undecided";
  if (metric->verdict == Verdict::inconclusive) return "undecided";
  const bool loud = metric->verdict == Verdict::fail || metric->verdict == Verdict::invalid;
  return loud ? headline_word(metric->verdict) : std::string(name_of(metric->verdict));
}

std::string estimate(const MetricVerdict& metric) {
  const DriftText text = drift_text(metric);
  std::string line;
  if (none_kept(metric))
    line = "none kept; would have seen " + text.smallest;
  else if (!text.drift.empty())
    line = text.drift_with_unit() + (text.low.empty() ? "" : " " + text.interval());
  else if (!metric.reason.empty())
    line = printable(metric.reason, 120);
  if (!text.limit.empty()) line += (line.empty() ? "limit " : "  limit ") + text.limit;
  return line;
}

const MetricVerdict* found(const LiveRun& run, Metric metric) {
  const auto it = std::find_if(run.metrics.begin(), run.metrics.end(),
                               [metric](const MetricVerdict& m) { return m.metric == metric; });
  return it == run.metrics.end() ? nullptr : &*it;
}

// Colour goes on after cutting: an escape cut in half would colour all that follows.
std::string live_metric(const LiveRun& run, Metric metric, std::size_t columns, bool colours) {
  const MetricVerdict* verdict = found(run, metric);
  const std::string head =
      fmt::format("  {:<11} {:>8}  ", name_of(metric), level_text(metric, level_of(run.last, metric)));
  const std::string word = fmt::format("{:<10}", state_word(run, verdict));
  const std::string tail = verdict == nullptr ? "" : "  " + estimate(*verdict);
  std::string line = cut_to(head + word + tail, columns);
  const std::size_t end = head.size() + word.size();
  if (!colours || verdict == nullptr || line.size() <= end || columns_of(head) != head.size()) return line;
  return head +
         coloured(word, verdict->verdict == Verdict::inconclusive ? Verdict::not_judged : verdict->verdict,
                  true) +
         line.substr(end);
}

std::string clock_text(const LiveRun& run) {
  const double left = run.info.settings.time_s - run.last.time_s;
  std::string text = fmt::format("{} of {}", duration_text(std::floor(run.last.time_s)),
                                 duration_text(run.info.settings.time_s));
  return left > 0 ? text + fmt::format(", at most {} left", duration_text(std::ceil(left)))
                  : text + ", ending";
}

}  // namespace

std::string live_title(const LiveRun& run, std::size_t columns, bool colours) {
  const std::string clock = clock_text(run);
  const std::size_t bar_columns = std::clamp<std::size_t>(columns / 6, 6, 24);
  const std::size_t rest = columns_of(clock) + bar_columns + 4;
  const std::size_t room = columns > rest + 8 ? columns - rest : 8;
  const std::string name = cut_to(printable(title_of(run.info), longest_title), room);
  const double done = run.info.settings.time_s > 0 ? run.last.time_s / run.info.settings.time_s : 0;
  const std::string tail = cut_to("  " + progress_bar(done, bar_columns) + "  " + clock,
                                  columns > columns_of(name) ? columns - columns_of(name) : 0);
  return colours ? "\x1b[1m" + name + "\x1b[0m" + tail : name + tail;
}

std::vector<std::string> live_lines(const LiveRun& run, std::size_t columns, bool colours) {
  std::vector<std::string> lines = {live_title(run, columns, colours)};
  for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors})
    lines.push_back(live_metric(run, metric, columns, colours));
  return lines;
}

std::string log_line(const LiveRun& run) {
  std::string line = fmt::format("{}  {}", printable(title_of(run.info), longest_title), clock_text(run));
  for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors}) {
    const MetricVerdict* verdict = found(run, metric);
    line += fmt::format("; {} {} {}", name_of(metric), level_text(metric, level_of(run.last, metric)),
                        state_word(run, verdict));
    const std::string numbers = verdict == nullptr ? "" : estimate(*verdict);
    if (!numbers.empty()) line += " (" + numbers + ")";
  }
  return line;
}

}  // namespace soakline
