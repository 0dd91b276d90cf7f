#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/escape.hpp"
#include "reports/html.hpp"
#include "reports/html_parts.hpp"
#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

// Of a folder's name as a link: whatever a URL could read otherwise goes as %XX.
std::string url_part(std::string_view name) {
  std::string url;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::string drift_cell(const RecordedRun& run, Metric metric) {
  if (!run.result) return "–";
  for (const MetricVerdict& verdict : run.result->metrics) {
    if (verdict.metric != metric) continue;
    if (none_kept(verdict)) return "none kept";
    const DriftText text = drift_text(verdict);
    return text.drift.empty() ? "–" : text.drift_with_unit();
  }
  return "–";
}

std::string row(const RecordedRun& run) {
  const auto cell = [](std::string_view label, std::string_view html) {
    return fmt::format("<td data-label=\"{}\">{}</td>", label, html);
  };
  const std::string folder = folder_name(run.info);
  const std::string title = shown(title_of(run.info), 160);
  const std::string link =
      folder.empty() ? title : fmt::format("<a href=\"./{}/report.html\">{}</a>", url_part(folder), title);
  const double ran_s = run.result ? run.result->ended_at_s : run.recording.end_s();
  return "<tr><td class=\"main\">" + link + "</td>" +
         cell("Verdict", run.result ? verdict_chip(run.result->verdict)
                                    : "<span class=\"chip interrupted\">… unfinished</span>") +
         cell("Outcome", run.result ? outcome_chip(run.result->outcome) : "–") +
         cell("Memory", shown(drift_cell(run, Metric::memory))) +
         cell("Threads", shown(drift_cell(run, Metric::threads))) + cell("Ran", duration_text(ran_s)) +
         cell("Started", shown(time_text(run.info.started_at), 40)) + "</tr>\n";
}

}  // namespace

std::string html_index(const std::vector<RecordedRun>& runs) {
  std::vector<const RecordedRun*> newest;
  newest.reserve(runs.size());
  for (const RecordedRun& run : runs) newest.push_back(&run);
  std::stable_sort(newest.begin(), newest.end(),
                   [](const auto* a, const auto* b) { return a->info.started_at > b->info.started_at; });
  std::string page = page_head("soakline runs");
  page += fmt::format(
      "<p class=\"brand\">soakline</p>\n<h1>Runs <small>{}</small></h1>\n<section class=\"card\">",
      runs.size());
  if (runs.empty()) return page + "<p class=\"soft\">No runs yet.</p></section>" + page_end();
  page +=
      "<table class=\"stack "
      "runs\"><thead><tr><th>Scenario</th><th>Verdict</th><th>Outcome</th><th>Memory</th><th>Threads</th>"
      "<th>Ran</th><th>Started</th></tr></thead><tbody>\n";
  for (const RecordedRun* run : newest) page += row(*run);
  return page + "</tbody></table></section>\n" + page_end();
}

}  // namespace soakline
