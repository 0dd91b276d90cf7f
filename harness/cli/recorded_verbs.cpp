// Verbs on what was recorded: judge, compare, accept, report, list. They start nothing.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "harness/baseline_file.hpp"
#include "harness/cli/verbs.hpp"
#include "harness/judge/judge.hpp"
#include "harness/outcome.hpp"
#include "harness/rejudge.hpp"
#include "harness/run_comparison.hpp"
#include "harness/run_folder.hpp"
#include "harness/run_json.hpp"
#include "reports/console.hpp"
#include "reports/html.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"
#include "reports/openmetrics.hpp"
#include "reports/verdict_text.hpp"

namespace soakline {
namespace {

RecordedRun read(const std::string& path) {
  std::error_code not_there;
  return std::filesystem::is_directory(path, not_there) ? read_run(path) : read_samples_run(path);
}

int show(const RunInfo& info, const RunResult& result, bool json, bool quiet) {
  ConsoleReport console(json ? std::cerr : std::cout, console_options_for(json ? 2 : 1, quiet));
  console.on_verdict(info, result);
  if (json)
    std::cout << summary_json(info, result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
              << std::endl;
  return result.exit;
}

}  // namespace

int judge_verb(const std::string& run, const Overrides& overrides, bool json, bool quiet) {
  RecordedRun recorded = read(run);
  apply_overrides(recorded, overrides);
  return show(recorded.info, rejudge(recorded), json, quiet);
}

int compare_verb(const std::string& base, const std::string& next, bool json, bool quiet) {
  const RunComparison comparison = compare_runs(read(base), read(next));
  return show(comparison.info, comparison.result, json, quiet);
}

int accept_verb(const std::vector<std::string>& folders, const std::string& scenario_file) {
  std::vector<RecordedRun> runs;
  for (const std::string& folder : folders) runs.push_back(read_run(folder));
  const std::string file = scenario_file.empty() ? runs.at(0).info.resolved.value("file", "") : scenario_file;
  if (file.empty() || !std::filesystem::exists(file))
    throw ScenarioError(
        fmt::format("the scenario file '{}' is not here; name it with --scenario FILE", file));
  const auto written = accept_runs(runs, file);
  std::cout << fmt::format("accepted {} runs of {} ({}) in {}\n", runs.size(), runs[0].info.scenario,
                           runs[0].info.variant, written.string());
  if (runs.size() < 5)
    std::cout << "fewer than five: nothing is held against them; accept five or more at once\n";
  return 0;
}

int report_verb(const std::string& folder, const std::string& format) {
  const RecordedRun run = read_run(folder);
  if (format == "html") std::cout << html_report(run);
  if (format == "junit") std::cout << junit_report({run});
  if (format == "markdown") std::cout << markdown_report({run});
  if (format == "openmetrics") std::cout << openmetrics_report({run});
  if (format == "console") {
    const RunResult result = run.result ? *run.result : rejudge(run);
    show(run.info, result, false, false);
    return exit_code(result.outcome);
  }
  return 0;
}

int list_verb(const std::vector<std::string>& files) {
  std::vector<std::string> found = files;
  std::error_code none;
  if (found.empty())
    for (const auto& entry : std::filesystem::directory_iterator("scenarios", none))
      if (entry.path().extension() == ".toml") found.push_back(entry.path().string());
  if (found.empty()) throw ScenarioError("no scenarios/*.toml here; give scenario files");
  std::sort(found.begin(), found.end());
  for (const std::string& file : found) {
    const ScenarioSummary summary = summarize(file);
    std::cout << fmt::format("{}  {}\n", file, summary.why);
    for (const VariantSummary& variant : summary.variants) {
      std::string expected;
      for (const Metric metric : variant.must_fail)
        expected += fmt::format("{}{}", expected.empty() ? "control, fails on " : " and ", name_of(metric));
      std::cout << fmt::format("  {:<16} {}{}\n", variant.name, expected.empty() ? "passes" : expected,
                               variant.why.empty() ? "" : ": " + variant.why);
    }
    if (!summary.profiles.empty())
      std::cout << fmt::format("  profiles: {}\n", fmt::join(summary.profiles, ", "));
  }
  return 0;
}

}  // namespace soakline
