#include "reports/run_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_points = 2000;
constexpr std::size_t most_rates = 240;
constexpr std::size_t most_marks = 9;  // each has one digit in the plot
constexpr double least_band = 0.002;   // of the plot's width: a fault of a moment is to be seen, too

Trace scaled(Trace trace, double factor) {
  for (auto& point : trace) point.second *= factor;
  return trace;
}

struct Scale {
  double factor;  // from what was recorded to the figure's unit
  std::string unit;
};

// The unit that in_one_unit would choose for the largest value.
Scale scale_for(std::initializer_list<const std::vector<double>*> columns, std::string_view unit) {
  double most = 0;
  for (const auto* column : columns)
    for (const double value : *column)
      if (std::isfinite(value)) most = std::max(most, std::abs(value));
  const std::string name = in_one_unit({most}, unit).unit;
  for (const auto& [prefix, factor] :
       {std::pair{'T', 1e-12}, {'G', 1e-9}, {'M', 1e-6}, {'k', 1e-3}, {'m', 1e3}, {'n', 1e9}})
    if (name.size() == 2 && name[0] == prefix) return {factor, name};
  if (name == "µs") return {1e6, name};
  return {1, name};
}

std::string text_of(const nlohmann::json& detail) {
  if (detail.is_string()) return detail.get<std::string>();
  if (!detail.is_object()) return "";
  for (const char* key : {"name", "phase", "what", "text"})
    if (const auto found = detail.find(key); found != detail.end() && found->is_string())
      return found->get<std::string>();
  if (detail.contains("kind") && detail["kind"].is_string())
    return fmt::format("{} of {}", detail["kind"].get<std::string>(), detail.value("on", "?"));
  return "";
}

// Many faults are bands alone; a mark names one where it begins.
bool begins_and_is_seldom(const Event& fault, std::size_t faults) {
  return faults <= 5 && !fault.detail.contains("end_s");
}

std::vector<Mark> marks_of(const RecordedRun& run) {
  std::vector<Mark> marks;
  for (const Event& event : run.events) {
    if (event.kind != "phase" && event.kind != "fault" && event.kind != "gap") continue;
    if (event.time_s < 0 || marks.size() == most_marks) continue;
    if (event.kind == "fault" && !begins_and_is_seldom(event, run.recording.faults.size())) continue;
    const std::string text = text_of(event.detail);
    // Shaded already, and where the plot ends.
    if (event.kind == "phase" && (text == "warm-up" || text == "judged" || text == "end")) continue;
    marks.push_back({event.time_s, event.kind == "phase" && !text.empty()
                                       ? text
                                       : event.kind + (text.empty() ? "" : " " + text)});
  }
  std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.time_s < b.time_s; });
  return marks;
}

// Those that would be one to the eye are one.
std::vector<Band> bands_of(const std::vector<Window>& faults, double end_s) {
  std::vector<Band> bands;
  for (const Window& fault : faults) {
    const double to_s = std::min(std::max(fault.end_s, fault.begin_s + least_band * end_s), end_s);
    if (!bands.empty() && fault.begin_s - bands.back().to_s < least_band * end_s)
      bands.back().to_s = std::max(bands.back().to_s, to_s);
    else if (fault.begin_s < end_s)
      bands.push_back({fault.begin_s, to_s});
  }
  return bands;
}

Figure empty_figure(const RecordedRun& run, std::string id, std::string title) {
  Figure figure;
  figure.id = std::move(id);
  figure.title = std::move(title);
  figure.end_s = std::max(run.recording.end_s(), run.result ? run.result->ended_at_s : 0.0);
  figure.warmup_s = std::min(run.info.settings.warmup_s, figure.end_s);
  figure.faults = bands_of(run.recording.faults, figure.end_s);
  figure.marks = marks_of(run);
  return figure;
}

void add_curve(Figure& figure, const std::vector<double>& time_s, const std::vector<double>& values,
               const Scale& scale, Ink ink, std::string name) {
  if (has_values(values))
    figure.curves.push_back(
        {scaled(decimated(time_s, values, most_points), scale.factor), ink, std::move(name)});
}

const MetricVerdict* verdict_on(const RecordedRun& run, Metric metric) {
  if (!run.result) return nullptr;
  for (const MetricVerdict& verdict : run.result->metrics)
    if (verdict.metric == metric) return &verdict;
  return nullptr;
}

// The drift that was judged: memory through the middle of the half of the time it was fitted over, counts
// from where the count stood when warm-up ended. Verdicts speak per production day, the plot's clock is the
// soak's.
void add_drift(Figure& figure, const RecordedRun& run, const std::vector<double>& values,
               const MetricVerdict& verdict, double factor) {
  const double to_s = std::min(figure.end_s, verdict.decided_at_s.value_or(figure.end_s));
  const bool fitted = verdict.metric == Metric::memory;
  const double from_s = fitted ? to_s / 2 : std::min(run.info.settings.warmup_s, to_s / 2);
  const double centre_s = fitted ? (from_s + to_s) / 2 : from_s;
  const double level = factor * median_within(run.recording.time_s, values, from_s,
                                              fitted ? to_s : from_s + (to_s - from_s) / 20);
  if (std::isnan(level) || to_s <= 0) return;
  const double per_s = factor * run.info.settings.compression / 86'400;
  double start = level;
  if (verdict.drift_per_day && std::isfinite(*verdict.drift_per_day)) {
    DriftLine line{from_s, to_s, centre_s, level, *verdict.drift_per_day * per_s, std::nullopt, std::nullopt};
    if (verdict.low && std::isfinite(*verdict.low)) line.low_slope = *verdict.low * per_s;
    if (verdict.high && std::isfinite(*verdict.high)) line.high_slope = *verdict.high * per_s;
    start = level - line.slope * (centre_s - from_s);
    figure.drift = line;
  }
  if (verdict.limit > 0) figure.limit = LimitLine{from_s, to_s, start, verdict.limit * per_s};
}

std::string described(const Figure& figure, const MetricVerdict* verdict) {
  const auto range = figure.range();
  std::string text = fmt::format("{} over {} of soak, between {:.4g} and {:.4g}{}{}.", figure.title,
                                 duration_text(figure.end_s), range.low, range.high,
                                 figure.unit.empty() ? "" : " ", figure.unit);
  if (verdict == nullptr) return text;
  const DriftText drift = drift_text(*verdict);
  if (!drift.drift.empty())
    text += fmt::format(" Fitted drift {} {}", drift.drift_with_unit(), drift.interval());
  if (!drift.limit.empty()) text += fmt::format("{} limit {}.", drift.drift.empty() ? "" : ",", drift.limit);
  return text + fmt::format(" Verdict: {}.", name_of(verdict->verdict));
}

// A column of load.jsonl's lines: a number under `outer`, or under `inner` in it.
std::vector<double> load_column(const RecordedRun& run, const char* outer, const char* inner = nullptr) {
  std::vector<double> values;
  for (const auto& line : run.load) {
    const nlohmann::json* cell = line.is_object() && line.contains(outer) ? &line[outer] : nullptr;
    if (cell != nullptr && inner != nullptr)
      cell = cell->is_object() && cell->contains(inner) ? &(*cell)[inner] : nullptr;
    values.push_back(cell != nullptr && cell->is_number() ? cell->get<double>() : missing);
  }
  return values;
}

}  // namespace

std::optional<Figure> metric_figure(const RecordedRun& run, Metric metric) {
  const Recording& columns = run.recording;
  const MetricVerdict* verdict = verdict_on(run, metric);
  if (metric == Metric::cpu) {
    Figure figure = empty_figure(run, "cpu", "CPU share");
    figure.unit = "% of one core";
    figure.from_zero = true;
    const Trace share = rate_of(columns.time_s, columns.cpu_s, most_rates);
    if (share.empty()) return std::nullopt;
    figure.curves.push_back({scaled(share, 100), Ink::first, "CPU"});
    figure.description = described(figure, nullptr);
    return figure;
  }
  const bool memory = metric == Metric::memory;
  constexpr std::array titles = {"Memory", "Threads alive", "Descriptors open"};
  const auto& values = memory                      ? columns.rss_bytes
                       : metric == Metric::threads ? columns.threads
                                                   : columns.descriptors;
  if (!has_values(values)) return std::nullopt;
  Figure figure = empty_figure(run, std::string(name_of(metric)), titles[static_cast<std::size_t>(metric)]);
  const Scale scale = memory ? scale_for({&values}, "B") : Scale{1, ""};
  figure.unit = scale.unit;
  if (memory) {
    add_curve(figure, columns.time_s, run.anon_bytes, scale, Ink::third, "anonymous");
    add_curve(figure, columns.time_s, run.pss_bytes, scale, Ink::second, "PSS");
  }
  add_curve(figure, columns.time_s, values, scale, Ink::first, memory ? "RSS" : std::string(name_of(metric)));
  if (verdict != nullptr) add_drift(figure, run, values, *verdict, scale.factor);
  figure.description = described(figure, verdict);
  return figure;
}

std::vector<Figure> load_figures(const RecordedRun& run) {
  std::vector<Figure> figures;
  const std::vector<double> time_s = load_column(run, "t");
  Figure rate = empty_figure(run, "load-rate", "Operations");
  rate.unit = "/s";
  // The load's own lines, since samples between two of them repeat a count and would show a comb.
  Trace answered = rate_of(time_s, load_column(run, "answered"), most_rates);
  if (answered.empty()) answered = rate_of(run.recording.time_s, run.recording.operations, most_rates);
  rate.curves.push_back({std::move(answered), Ink::first, "answered"});
  Figure latency = empty_figure(run, "load-latency", "Latency p99 since the start");
  const std::vector<double> p99 = load_column(run, "latency_from_intended_us", "p99");
  latency.unit = "ms";
  add_curve(latency, time_s, p99, {1e-3, "ms"}, Ink::first, "p99 from the intended time");
  for (Figure* figure : {&rate, &latency}) {
    if (figure->curves.empty() || figure->curves.front().points.size() < 2) continue;
    figure->small = figure->from_zero = true;
    figure->description = described(*figure, nullptr);
    figures.push_back(std::move(*figure));
  }
  return figures;
}

std::vector<Figure> harness_figures(const RecordedRun& run) {
  std::vector<Figure> figures;
  Figure memory = empty_figure(run, "harness-memory", "The harness's own memory");
  const Scale bytes = scale_for({&run.harness_rss_bytes}, "B");
  memory.unit = bytes.unit;
  add_curve(memory, run.recording.time_s, run.harness_rss_bytes, bytes, Ink::second, "RSS of the harness");
  Figure lateness = empty_figure(run, "harness-lateness", "Lateness of its samples");
  const Scale seconds = scale_for({&run.lateness_s}, "s");
  lateness.unit = seconds.unit;
  add_curve(lateness, run.recording.time_s, run.lateness_s, seconds, Ink::second, "lateness");
  for (Figure* figure : {&memory, &lateness}) {
    if (figure->curves.empty() || figure->curves.front().points.size() < 2) continue;
    figure->small = figure->from_zero = true;
    figure->marks.clear();
    figure->description = described(*figure, nullptr);
    figures.push_back(std::move(*figure));
  }
  return figures;
}

}  // namespace soakline
