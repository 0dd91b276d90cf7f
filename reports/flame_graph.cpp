#include "reports/flame_graph.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/html_parts.hpp"
#include "reports/numbers.hpp"

namespace soakline {
namespace {

constexpr double row_px = 22;
constexpr double least_width = 0.4;  // percent: thinner ones cannot be seen
constexpr std::size_t deepest = 40;

// Calls that have the same callers, in the order in which they were added, the largest first.
struct Call {
  std::string name;
  double per_day = 0;
  std::vector<Call> callees;

  Call& callee(const std::string& called) {
    const auto known =
        std::find_if(callees.begin(), callees.end(), [&](const Call& call) { return call.name == called; });
    return known != callees.end() ? *known : callees.emplace_back(Call{called, 0, {}});
  }
};

std::size_t depth_of(const Call& call) {
  std::size_t depth = 0;
  for (const Call& callee : call.callees) depth = std::max(depth, 1 + depth_of(callee));
  return depth;
}

// A box in an SVG of its own, which cuts its text; numbers are percent of the page's width.
std::string box(const Call& call, double left, double width, std::size_t row) {
  const auto [values, unit] = in_one_unit({call.per_day}, "B");
  const std::string name = shown(call.name, 300);
  return fmt::format(
      "<svg x=\"{:.3f}%\" y=\"{:.0f}\" width=\"{:.3f}%\" height=\"{:.0f}\"><title>{} (+{} {}/day)</title>"
      "<rect class=\"heat-{}\" width=\"100%\" height=\"100%\"/><text x=\"5\" y=\"15\">{}</text></svg>",
      left, static_cast<double>(row) * row_px, width, row_px - 2, name, values[0], unit, row % 3, name);
}

std::string boxes(const Call& call, double left, double percent_of, std::size_t row) {
  std::string text;
  for (const Call& callee : call.callees) {
    const double width = callee.per_day * percent_of;
    if (width < least_width) continue;
    text += box(callee, left, width, row) + boxes(callee, left, percent_of, row + 1);
    left += width;
  }
  return text;
}

}  // namespace

std::string flame_graph(const std::vector<Evidence>& evidence) {
  Call all;
  for (const Evidence& one : evidence) {
    if (one.kind != "stack" || one.frames.empty() || !(one.per_day > 0)) continue;
    all.per_day += one.per_day;
    Call* call = &all;
    const std::size_t frames = std::min(one.frames.size(), deepest);
    for (std::size_t i = frames; i > 0; --i) {
      call = &call->callee(one.frames[i - 1]);
      call->per_day += one.per_day;
    }
  }
  if (all.callees.empty()) return "";
  return fmt::format(
      "<svg class=\"flame\" width=\"100%\" height=\"{:.0f}\" role=\"img\" aria-label=\"Flame graph of what "
      "survives, outermost calls at the top\">{}</svg>",
      static_cast<double>(depth_of(all)) * row_px, boxes(all, 0, 100 / all.per_day, 0));
}

}  // namespace soakline
