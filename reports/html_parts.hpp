// Pieces that the pages are put together from; all text in them is escaped here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/run_record.hpp"
#include "reports/figure.hpp"
#include "reports/plot.hpp"

namespace soakline {

// Doctype to <main>, and back.
std::string page_head(std::string_view title);
std::string page_end();

// Escaped, without the directories of absolute paths.
std::string shown(std::string_view text, std::size_t most = 2000);

// A verdict as symbol and word: never by colour alone.
std::string verdict_chip(Verdict verdict);
// Likewise of an outcome: a caught control is good news though its verdict is "fail".
std::string outcome_chip(Outcome outcome);
// "pass", "fail", ... as a CSS class.
std::string verdict_class(Verdict verdict);

// <dt>/<dd>; `value` is escaped here.
std::string definition(std::string_view name, std::string_view value);

// Both sizes of a plot and its legend, or why there is none.
std::string figure_part(const Figure& figure, const Plot& plot);

// A metric's interval on a scale with what is tolerated and the limit; "" without an interval or a limit.
std::string ruler(const MetricVerdict& metric);

}  // namespace soakline
