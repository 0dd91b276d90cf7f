#include "reports/html_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/escape.hpp"
#include "reports/html_parts.hpp"
#include "reports/numbers.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

std::string capitalised(std::string_view text) {
  std::string word(text);
  if (word.starts_with("cpu")) return "CPU" + word.substr(3);
  if (!word.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

std::string metric_sentence(const MetricVerdict& metric) {
  const DriftText text = drift_text(metric);
  if (metric.verdict == Verdict::fail && !text.drift.empty() && metric.drift_per_day.value_or(0) > 0) {
    const std::string size = text.drift_with_unit().substr(1);
    // What lies between is more than is tolerated for certain, and a fail as well.
    const bool above_limit = metric.drift_per_day >= metric.limit;
    return fmt::format("{} {} by {}{}, {} {}.", capitalised(name_of(metric.metric)),
                       metric.metric == Metric::memory ? "grows" : "grow", size,
                       text.low.empty() ? "" : fmt::format(" ({} to {})", text.low, text.high),
                       above_limit ? "the limit is" : "tolerated are",
                       above_limit ? text.limit : text.tolerated);
  }
  const std::string why = because(metric);
  return fmt::format("{}: {}{}.", capitalised(name_of(metric.metric)), name_of(metric.verdict),
                     why.empty() ? "" : ", " + why);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string limit_text(const Limit& limit, Metric metric) {
  MetricVerdict shape;
  shape.metric = metric;
  shape.limit = limit.fail;
  shape.tolerated = limit.tolerate;
  const DriftText text = drift_text(shape);
  return fmt::format("{}{}{}, tolerated {}{}", text.limit, text.unit[0] == '/' ? "" : " ", text.unit,
                     text.tolerated, limit.asked ? "" : " (default)");
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>", shown(name, 100), shown(value));
}

}  // namespace

std::string lead_sentence(const RunResult& result) {
  std::string text;
  const auto say = [&](Verdict verdict) {
    for (const MetricVerdict& metric : result.metrics)
      if (metric.verdict == verdict) text += (text.empty() ? "" : " ") + metric_sentence(metric);
  };
  for (const BaselineQuantity& quantity : result.baseline.quantities)
    if (quantity.verdict == Verdict::fail)
      text += (text.empty() ? "" : " ") +
              fmt::format("Regression: {}.", baseline_sentence(quantity, result.baseline.runs));
  say(Verdict::fail);
  if (!text.empty()) return text;
  say(Verdict::inconclusive);
  if (text.empty() && result.verdict == Verdict::pass) text = "No metric drifts past its limit.";
  return text;
}

std::string banner_section(const RecordedRun& run) {
  const std::string name = fmt::format("<p class=\"name\">{}</p>", shown(title_of(run.info), 300));
  if (!run.result)
    return fmt::format(
        "<section class=\"banner interrupted\"><h1 class=\"word\">… INTERRUPTED</h1>{}"
        "<p class=\"lead\">The run ended before its verdict; what was recorded until then is below. "
        "<code>soakline judge</code> gives a verdict on it.</p></section>\n",
        name);
  const RunResult& result = *run.result;
  std::string text = fmt::format("<section class=\"banner {}\"><h1 class=\"word\">{}</h1>{}",
                                 verdict_class(result.verdict), headline_word(result.verdict), name);
  if (const std::string lead = lead_sentence(result); !lead.empty())
    text += fmt::format("<p class=\"lead\">{}</p>", shown(lead, 700));
  if (!result.message.empty()) text += fmt::format("<p class=\"message\">{}</p>", shown(result.message, 700));
  text += fmt::format("<p class=\"outcome\">{} <small>{} Exit code {}.</small></p></section>\n",
                      outcome_chip(result.outcome), shown(outcome_sentence(run.info, result)), result.exit);
  return text;
}

std::string facts_section(const RecordedRun& run) {
  const RunInfo& info = run.info;
  std::string text = "<dl class=\"facts\">";
  if (!info.started_at.empty()) text += definition("Started", time_text(info.started_at));
  const double ended_s = run.result ? run.result->ended_at_s : run.recording.end_s();
  text +=
      definition("Ran", fmt::format("{} of {}", duration_text(ended_s), duration_text(info.settings.time_s)));
  if (run.result && run.result->decided_at_s)
    text += definition("Decided after", duration_text(*run.result->decided_at_s));
  if (!info.profile.empty()) text += definition("Profile", info.profile);
  text += definition("Seed", std::to_string(info.seed));
  text += definition("Compression", info.settings.compression == 1
                                        ? "none, real time"
                                        : "declared " + compression_text(info.settings.compression));
  text += "</dl>\n";
  if (!info.why.empty()) text += fmt::format("<p class=\"why\">{}</p>\n", shown(info.why));
  return text;
}

std::string evidence_section(const RunResult& result, std::string_view drawings) {
  if (result.evidence.empty()) return "";
  std::string text = "<section class=\"card\"><h2>What grew</h2><ul class=\"evidence\">";
  for (const Evidence& evidence : result.evidence) {
    const std::string weight = evidence_weight(evidence);
    text += fmt::format("<li><strong>{}</strong>{}", shown(capitalised(evidence.kind), 60),
                        weight.empty() ? "" : " <span class=\"soft\">" + shown(weight) + "</span>");
    // A stack goes from the call outwards, holders from the root inwards.
    const std::string joint = evidence.kind == "holder" ? "\n→ " : "\n&lt;- ";
    std::string frames;
    for (const std::string& frame : evidence.frames)
      frames += (frames.empty() ? "" : joint) + shown(frame, 400);
    text += frames.empty() ? "</li>" : "<pre>" + frames + "</pre></li>";
  }
  return fmt::format("{}</ul>{}</section>\n", text, drawings);
}

std::string baseline_section(const BaselineComparison& baseline) {
  if (baseline.quantities.empty()) {
    const std::string why = no_comparison(baseline);
    return why.empty()
               ? ""
               : fmt::format(
                     "<section class=\"card\"><h2>Baseline</h2><p class=\"reason\">{}</p></section>\n",
                     shown(why));
  }
  std::string text =
      fmt::format("<section class=\"card\"><h2>Baseline <small>{} accepted runs</small></h2>", baseline.runs);
  if (const std::string why = no_comparison(baseline); !why.empty())
    text += fmt::format("<p class=\"reason\">{}</p>", shown(why));
  text +=
      "<table class=\"stack\"><thead><tr><th>Quantity</th><th>This "
      "run</th><th>Accepted</th><th>Range</th><th>Verdict</th></tr></thead><tbody>";
  for (const BaselineQuantity& q : baseline.quantities) {
    const auto [values, unit] = in_one_unit({q.value, q.mean, q.low, q.high}, q.unit);
    text += fmt::format(
        "<tr><td class=\"main\">{}</td><td data-label=\"This run\">{} {}</td><td data-label=\"Accepted\">{} "
        "{}</td>"
        "<td data-label=\"Range\">{} to {} {}</td><td data-label=\"Verdict\">{}</td></tr>",
        shown(capitalised(q.quantity), 100), values[0], unit, values[1], unit, values[2], values[3], unit,
        q.verdict == Verdict::fail ? "<span class=\"chip fail\">✗ regression</span>"
                                   : verdict_chip(q.verdict));
  }
  return text + "</tbody></table></section>\n";
}

std::string settings_section(const RunInfo& info) {
  const JudgeSettings& s = info.settings;
  std::string text = "<section class=\"card\"><h2>Settings</h2><dl class=\"rows\">";
  text += row("command", joined(info.command)) + row("time", duration_text(s.time_s)) +
          row("warm-up", duration_text(s.warmup_s)) + row("age A", duration_text(s.age_s)) +
          row("settle", duration_text(s.settle_s)) + row("sample", duration_text(info.sample_s)) +
          row("stop", name_of(s.stop)) + row("memory limit", limit_text(s.memory, Metric::memory)) +
          row("threads limit", limit_text(s.threads, Metric::threads)) +
          row("descriptors limit", limit_text(s.descriptors, Metric::descriptors)) + "</dl>";
  if (!info.environment.empty()) {
    text += "<details><summary>Environment</summary><dl class=\"rows\">";
    for (const auto& [name, value] : info.environment) text += row(name, value);
    text += "</dl></details>";
  }
  if (!info.resolved.is_null() && !info.resolved.empty()) {
    // Line by line: the escaping makes line ends visible.
    const std::string json = info.resolved.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string lines;
    for (std::size_t at = 0, end = 0; at < json.size(); at = end + 1) {
      end = std::min(json.find('\n', at), json.size());
      lines += shown(std::string_view(json).substr(at, end - at)) + "\n";
    }
    text += "<details><summary>Scenario as resolved</summary><pre>" + lines + "</pre></details>";
  }
  return text + "</section>\n";
}

std::string glossary_section(const RunInfo& info) {
  std::string text =
      "<section class=\"card\"><h2>Judge it again</h2><p class=\"soft\">Starts nothing; reads what this run "
      "recorded.</p>";
  const std::string folder = info.folder.string();
  text +=
      fmt::format("<pre>soakline judge {}</pre></section>\n", folder.empty() ? "FOLDER" : shown(folder, 300));
  return text + R"(<section class="card"><h2>Words</h2><dl class="glossary">
<dt>drift</dt><dd>growth after warm-up per production day, with the 99 % interval of the growth of the column it was read from</dd>
<dt>limit L, tolerated T</dt><dd>at L a run must fail, up to T it must not; between them either answer is right</dd>
<dt>compression</dt><dd>how many production days one day of soak stands for: declared, not measured</dd>
<dt>age A</dt><dd>how old a thread or descriptor must be to count as kept</dd>
<dt>settle</dt><dd>the longest that a cache, session or batch may take to turn over; memory fails no sooner</dd>
<dt>pass, fail</dt><dd>drift is surely below L, or surely above T</dd>
<dt>inconclusive</dt><dd>the run could not tell, or had no data; never a pass</dd>
<dt>invalid</dt><dd>target, service, load or observer failed: nothing was measured</dd>
<dt>control, caught</dt><dd>a variant that is expected to fail, and did: the detector sees</dd>
<dt>regression</dt><dd>a level outside what the accepted runs predict, apart from drift</dd>
</dl></section>
)";
}

}  // namespace soakline
