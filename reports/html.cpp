#include "reports/html.hpp"

#include <fmt/format.h>

#include <cmath>

#include "reports/flame_graph.hpp"
#include "reports/html_parts.hpp"
#include "reports/html_sections.hpp"
#include "reports/numbers.hpp"
#include "reports/plot.hpp"
#include "reports/run_figures.hpp"
#include "reports/survivor_figures.hpp"
#include "reports/survivor_table.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

// All figures of the page are drawn by one gnuplot; here is which of them belongs where.
struct Figures {
  std::vector<Figure> figures;
  std::vector<Plot> plots;
  std::size_t metrics[all_metrics.size()];           // index, or figures.size() where there is none
  std::size_t survivors = 0, load = 0, harness = 0;  // first of each

  std::string part(std::size_t i) const {
    return i < figures.size() ? figure_part(figures[i], plots[i]) : "";
  }
  std::string parts(std::size_t first, std::size_t last) const {
    std::string text;
    for (std::size_t i = first; i < last; ++i) text += part(i);
    return text;
  }
};

Figures figures_of(const RecordedRun& run) {
  Figures all;
  for (std::size_t i = 0; i < all_metrics.size(); ++i) {
    auto figure = metric_figure(run, all_metrics[i]);
    all.metrics[i] = figure ? all.figures.size() : static_cast<std::size_t>(-1);
    if (figure) all.figures.push_back(std::move(*figure));
  }
  all.survivors = all.figures.size();
  for (Figure& figure : survivor_figures(run)) all.figures.push_back(std::move(figure));
  all.load = all.figures.size();
  for (Figure& figure : load_figures(run)) all.figures.push_back(std::move(figure));
  all.harness = all.figures.size();
  for (Figure& figure : harness_figures(run)) all.figures.push_back(std::move(figure));
  all.plots = draw(all.figures);
  return all;
}

std::string numbers_part(const MetricVerdict& metric) {
  const DriftText text = drift_text(metric);
  std::string part;
  if (none_kept(metric))
    part += fmt::format("<p class=\"number\">none kept <span>would have seen {}</span></p>",
                        shown(text.smallest));
  else if (!text.drift.empty())
    part += fmt::format("<p class=\"number\">{} <span>{}</span></p>", text.drift, text.unit);
  std::string limits;
  if (!text.low.empty() && !none_kept(metric))
    limits += fmt::format("99 % interval {} to {}", text.low, text.high);
  if (!text.limit.empty())
    limits += fmt::format("{}limit L {}, tolerated T {}{}{}", limits.empty() ? "" : " · ", text.limit,
                          text.tolerated, text.unit[0] == '/' ? "" : " ", text.unit);
  if (!limits.empty()) part += "<p>" + limits + "</p>";
  std::string reason = because(metric);
  if (metric.decided_at_s)
    reason +=
        fmt::format("{}decided after {}", reason.empty() ? "" : " · ", duration_text(*metric.decided_at_s));
  if (metric.shape) part += fmt::format("<p>shape: {}</p>", name_of(*metric.shape));
  if (const std::string parts = parts_sentence(metric); !parts.empty()) part += "<p>" + shown(parts) + "</p>";
  if (!reason.empty()) part += "<p class=\"reason\">" + shown(reason) + "</p>";
  return part + (none_kept(metric) ? "" : ruler(metric));
}

std::string metric_section(const RecordedRun& run, std::size_t index, const Figures& figures) {
  const Metric metric = all_metrics[index];
  const MetricVerdict* verdict = nullptr;
  if (run.result)
    for (const MetricVerdict& candidate : run.result->metrics)
      if (candidate.metric == metric) verdict = &candidate;
  const std::string plot = figures.part(figures.metrics[index]);
  if (verdict == nullptr && plot.empty()) return "";
  constexpr const char* titles[] = {"Memory", "Threads", "Descriptors", "CPU"};
  std::string text =
      fmt::format("<section class=\"card\" id=\"{}\"><header><h2>{}</h2>{}</header>", name_of(metric),
                  titles[index], verdict == nullptr ? "" : verdict_chip(verdict->verdict));
  if (verdict != nullptr) text += numbers_part(*verdict);
  if (plot.empty()) text += "<p class=\"reason\">No samples were recorded.</p>";
  return text + plot + "</section>\n";
}

}  // namespace

std::string html_report(const RecordedRun& run) {
  const Figures figures = figures_of(run);
  const std::string word = run.result ? headline_word(run.result->verdict) : "INTERRUPTED";
  std::string page = page_head(fmt::format("{} {}", word, title_of(run.info)));
  page += "<p class=\"brand\">soakline</p>\n" + banner_section(run) + facts_section(run);
  if (run.result)
    page += evidence_section(*run.result, survivor_table(run) + flame_graph(run.result->evidence) +
                                              figures.parts(figures.survivors, figures.load));
  for (std::size_t i = 0; i < all_metrics.size(); ++i) page += metric_section(run, i, figures);
  if (run.result) page += baseline_section(run.result->baseline);
  if (figures.harness > figures.load)
    page += "<section class=\"card\"><h2>Load</h2><div class=\"pair\">" +
            figures.parts(figures.load, figures.harness) + "</div></section>\n";
  if (figures.figures.size() > figures.harness)
    page += "<section class=\"card\"><h2>The instrument itself</h2><div class=\"pair\">" +
            figures.parts(figures.harness, figures.figures.size()) + "</div></section>\n";
  return page + settings_section(run.info) + glossary_section(run.info) + page_end();
}

}  // namespace soakline
