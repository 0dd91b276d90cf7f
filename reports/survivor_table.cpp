#include "reports/survivor_table.hpp"

#include <fmt/format.h>

#include "reports/html_parts.hpp"
#include "reports/numbers.hpp"
#include "reports/survivors.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

std::string cell(const char* label, const std::string& text) {
  return fmt::format("<td data-label=\"{}\">{}</td>", label, shown(text));
}

// The epoch before all has no beginning: what was there when counting began.
std::string first_seen(const Survivors& survivors) {
  return *survivors.first_born_s > 0 ? duration_text(*survivors.first_born_s) : "at the start";
}

}  // namespace

std::string survivor_table(const RecordedRun& run) {
  std::string rows;
  if (run.result)
    for (const Evidence& evidence : run.result->evidence) {
      if (evidence.sites.empty() || evidence.frames.empty()) continue;
      const Survivors survivors = survivors_of(run.recording, evidence);
      if (survivors.blocks <= 0 || survivors.bytes <= 0) continue;
      rows += fmt::format("<tr><td class=\"main\">{}</td>", shown(evidence.frames[0], 400)) +
              cell("Bytes a day", format_bytes(evidence.per_day)) +
              cell("Objects a day", format_count(evidence.per_day * survivors.blocks / survivors.bytes)) +
              cell("Bytes each", format_bytes(survivors.bytes / survivors.blocks)) +
              cell("Survive", evidence.survival ? percent(*evidence.survival) : "not sampled") +
              cell("First seen", first_seen(survivors)) + "</tr>";
    }
  if (rows.empty()) return "";
  return "<table class=\"stack\"><thead><tr><th>Place in the code</th><th>Bytes a day</th><th>Objects a "
         "day</th>"
         "<th>Bytes each</th><th>Survive</th><th>First seen</th></tr></thead><tbody>" +
         rows + "</tbody></table>";
}

}  // namespace soakline
