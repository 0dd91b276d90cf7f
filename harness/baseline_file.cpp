#include "harness/baseline_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>

#include "harness/environment.hpp"
#include "harness/judge/baseline.hpp"
#include "harness/run_folder.hpp"
#include "harness/scenario.hpp"

namespace soakline {
namespace {

using Json = nlohmann::json;

constexpr int least_runs = 5;
// Four quantities share the baseline's budget of 0.04 % false fails a run.
constexpr double alpha_of_quantity = 0.0001;

std::vector<double> accepted_values(const Json& runs, const std::string& quantity) {
  std::vector<double> values;
  for (const Json& run : runs)
    if (const auto found = run.at("levels").find(quantity); found != run.at("levels").end())
      values.push_back(*found);
  return values;
}

}  // namespace

std::filesystem::path baseline_path(const std::filesystem::path& scenario_file, const std::string& scenario,
                                    const std::string& variant) {
  return scenario_file.parent_path() / "baselines" / fmt::format("{}.{}.json", scenario, variant);
}

std::filesystem::path accept_runs(const std::vector<RecordedRun>& runs,
                                  const std::filesystem::path& scenario_file) {
  const RunInfo& first = runs.at(0).info;
  Json list = Json::array();
  auto file = baseline_path(scenario_file, first.scenario, first.variant);
  if (runs.size() < least_runs && std::filesystem::exists(file))
    throw ScenarioError(fmt::format(
        "{} runs would replace those accepted in '{}' and are too few to judge by; give {} or more",
        runs.size(), file.string(), least_runs));
  std::set<std::filesystem::path> seen;
  for (const RecordedRun& run : runs) {
    const std::string folder = run.info.folder.string();
    if (!seen.insert(std::filesystem::weakly_canonical(run.info.folder)).second)
      throw ScenarioError(fmt::format("{}: is given twice; every run counts once", folder));
    if (run.info.scenario != first.scenario || run.info.variant != first.variant)
      throw ScenarioError(fmt::format("{}: is a run of {} ({}), not of {} ({}); accept one variant at a time",
                                      folder, run.info.scenario, run.info.variant, first.scenario,
                                      first.variant));
    if (const auto other = differences(first.environment, run.info.environment); !other.empty())
      throw ScenarioError(
          fmt::format("{}: ran in another environment than the first run: {}", folder, other));
    if (!run.result || run.result->verdict == Verdict::invalid || run.result->verdict == Verdict::fail)
      throw ScenarioError(fmt::format(
          "{}: {}; only runs that did not fail can be accepted", folder,
          run.result ? "its verdict is " + std::string(name_of(run.result->verdict)) : "has no verdict"));
    Json levels_json = Json::object(), drifts = Json::object();
    for (const Level& level : levels(run.recording, run.info.settings))
      levels_json[level.quantity] = level.value;
    for (const MetricVerdict& metric : run.result->metrics)
      if (metric.drift_per_day) drifts[std::string(name_of(metric.metric))] = *metric.drift_per_day;
    list.push_back(
        {{"started_at", run.info.started_at}, {"levels", levels_json}, {"drifts_per_day", drifts}});
  }
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error)
    throw ScenarioError(fmt::format("cannot make '{}': {}", file.parent_path().string(), error.message()));
  write_atomically(file, Json{{"scenario", first.scenario},
                              {"variant", first.variant},
                              {"environment", first.environment},
                              {"runs", list}}
                                 .dump(1) +
                             "\n");
  return file;
}

BaselineComparison compare_with_baseline(const std::filesystem::path& file, const RunInfo& info,
                                         const Recording& recording) {
  BaselineComparison comparison;
  std::ifstream input(file);
  if (!input) return comparison;
  try {
    const Json json = Json::parse(input);
    const Json& runs = json.at("runs");
    const auto accepted = json.at("environment").get<std::map<std::string, std::string>>();
    if (!runs.is_array()) throw std::invalid_argument("its runs are no list");
    comparison.runs = static_cast<int>(runs.size());
    if (comparison.runs < least_runs) {
      comparison.status = "too few runs";
      comparison.message = fmt::format("{} accepted, {} needed", comparison.runs, least_runs);
      return comparison;
    }
    if (const std::string other = differences(accepted, info.environment); !other.empty()) {
      comparison.status = "other environment";
      comparison.message = other;
      return comparison;
    }
    comparison.status = "compared";
    const bool same_cpu = accepted.at("cpu model") == info.environment.at("cpu model");
    if (!same_cpu) comparison.message = "another cpu model: CPU is not compared";
    for (const Level& level : levels(recording, info.settings)) {
      if (!same_cpu && level.quantity.starts_with("cpu")) continue;
      const auto values = accepted_values(runs, level.quantity);
      if (values.size() < least_runs) continue;
      const Prediction prediction = predict(values, level.floor, alpha_of_quantity);
      comparison.quantities.push_back({level.quantity, level.unit, level.value, prediction.mean,
                                       prediction.low, prediction.high,
                                       level.value > prediction.high ? Verdict::fail : Verdict::pass});
    }
  } catch (const std::exception& error) {  // of the JSON, or an environment without a key
    throw ScenarioError(
        fmt::format("{}: not a baseline of soakline: {}; write it again with 'soakline accept'",
                    file.string(), error.what()));
  }
  return comparison;
}

}  // namespace soakline
