#include "reports/html_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/escape.hpp"
#include "reports/numbers.hpp"
#include "reports/report_css.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

std::string_view symbol(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "✓";
    case Verdict::fail:
      return "✗";
    case Verdict::inconclusive:
      return "?";
    case Verdict::invalid:
      return "!";
    case Verdict::not_judged:
      return "–";
  }
  return "";
}

std::string key(std::string_view kind, Ink ink, std::string_view text) {
  return fmt::format("<li><i class=\"{}\" style=\"--swatch:var(--ink-{})\"></i>{}</li>", kind,
                     static_cast<int>(ink), shown(text, 80));
}

std::string legend(const Figure& figure) {
  if (figure.small) return "";
  std::string items;
  if (figure.curves.size() > 1 || figure.drift)
    for (auto curve = figure.curves.rbegin(); curve != figure.curves.rend(); ++curve)
      items += key("", curve->ink, curve->name);
  if (figure.drift) items += key("", Ink::drift, "fitted drift");
  if (figure.drift && figure.drift->low_slope && figure.drift->high_slope)
    items += key("area band", Ink::drift, "its 99 % interval");
  if (figure.limit) items += key("dashed", Ink::limit, "growth at the limit");
  if (figure.warmup_s > 0) items += key("area", Ink::warmup, "warm-up");
  if (!figure.faults.empty()) items += key("area", Ink::fault, "faults, with recovery");
  int number = 1;
  for (const Mark& mark : figure.marks)
    items += fmt::format(
        "<li><b>{}</b>{} at {}</li>", number++, shown(mark.text, 60),
        duration_text(mark.time_s < 10 ? std::round(10 * mark.time_s) / 10 : std::round(mark.time_s)));
  return items.empty() ? "" : "<ul class=\"legend\">" + items + "</ul>";
}

std::string zone(std::string_view name, double from, double to) {
  return to <= from ? ""
                    : fmt::format("<i class=\"zone {}\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>", name,
                                  from, to - from);
}

}  // namespace

std::string shown(std::string_view text, std::size_t most) {
  return markup(without_directories(text), most);
}

std::string page_head(std::string_view title) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><title>{}</title><style>{}</style></head>\n<body><main>\n",
      shown(title, 200), report_css);
}

std::string page_end() {
  return "</main></body></html>\n";
}

std::string verdict_class(Verdict verdict) {
  return verdict == Verdict::not_judged ? "not-judged" : std::string(name_of(verdict));
}

std::string verdict_chip(Verdict verdict) {
  return fmt::format("<span class=\"chip {}\">{} {}</span>", verdict_class(verdict), symbol(verdict),
                     name_of(verdict));
}

std::string outcome_chip(Outcome outcome) {
  const Verdict like = is_good(outcome)                   ? Verdict::pass
                       : outcome == Outcome::inconclusive ? Verdict::inconclusive
                       : outcome == Outcome::invalid      ? Verdict::invalid
                                                          : Verdict::fail;
  return fmt::format("<span class=\"chip {}\">{} {}</span>", verdict_class(like), symbol(like),
                     name_of(outcome));
}

std::string definition(std::string_view name, std::string_view value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", shown(name, 100), shown(value));
}

std::string figure_part(const Figure& figure, const Plot& plot) {
  std::string heading = shown(figure.title);
  if (!figure.unit.empty()) heading += fmt::format(" <span>{}</span>", shown(figure.unit));
  const std::string drawing = plot.error.empty()
                                  ? plot.wide + plot.narrow
                                  : fmt::format("<p class=\"no-plot\">{}</p>", shown(plot.error));
  return fmt::format("<figure><h3>{}</h3>{}{}</figure>\n", heading, drawing,
                     plot.error.empty() ? legend(figure) : "");
}

std::string ruler(const MetricVerdict& metric) {
  const auto finite = [](const std::optional<double>& value) { return value && std::isfinite(*value); };
  if (!finite(metric.drift_per_day) || !finite(metric.low) || !finite(metric.high) || metric.limit <= 0)
    return "";
  // Cut at five limits: beyond, how far beyond says nothing more.
  const double low = std::clamp(std::min(0.0, *metric.low * 1.05), -2 * metric.limit, 0.0);
  const double high = std::clamp(*metric.high * 1.05, 1.4 * metric.limit, 5 * metric.limit);
  const auto at = [&](double value) { return 100 * (std::clamp(value, low, high) - low) / (high - low); };
  std::string text = "<div class=\"ruler\" aria-hidden=\"true\">";
  text += zone("ok", 0, at(metric.tolerated)) + zone("between", at(metric.tolerated), at(metric.limit)) +
          zone("over", at(metric.limit), 100);
  text += fmt::format("<i class=\"interval\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>",
                      std::min(99.0, at(*metric.low)), at(*metric.high) - at(*metric.low));
  text += fmt::format("<i class=\"estimate\" style=\"left:{:.2f}%\"></i>", at(*metric.drift_per_day));
  text += fmt::format("<b class=\"{}\" style=\"left:{:.2f}%\">0</b>", low < 0 ? "" : "first", at(0));
  text += fmt::format("<b style=\"left:{:.2f}%\">T</b><b style=\"left:{:.2f}%\">L</b></div>",
                      at(metric.tolerated), at(metric.limit));
  return text;
}

}  // namespace soakline
