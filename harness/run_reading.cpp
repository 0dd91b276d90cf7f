// The other half of run_folder.hpp: a folder read back, however much of it a crash left.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "harness/run_folder.hpp"
#include "harness/run_json.hpp"
#include "harness/samples_csv.hpp"
#include "harness/scenario.hpp"
#include "harness/site_counts.hpp"

namespace soakline {
namespace {

using Json = nlohmann::json;

// Lives from the births and ends in the events, matched by process, number and identity.
class LifeReader {
 public:
  explicit LifeReader(std::vector<Lifetime>& lives) : lives_(lives) {}

  void add(const Json& event) {
    for (const Json& change : event.value("gone", Json::array())) {
      const auto found = alive_.find(key(change));
      if (found == alive_.end()) continue;
      lives_[found->second].gone_s = change.at(3);
      alive_.erase(found);
    }
    for (const Json& change : event.value("born", Json::array())) {
      alive_[key(change)] = lives_.size();
      lives_.push_back({change.at(3)});
    }
  }

 private:
  using Key = std::tuple<int, int, std::uint64_t>;
  static Key key(const Json& change) { return {change.at(0), change.at(1), change.at(2)}; }

  std::vector<Lifetime>& lives_;
  std::map<Key, std::size_t> alive_;
};

void for_each_json_line(const std::filesystem::path& file, auto&& use) {
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    Json json = Json::parse(line, nullptr, false);
    if (json.is_object()) use(std::move(json));  // a torn last line is none
  }
}

void read_columns(Table table, RecordedRun& run) {
  run.pss_bytes = table.column("pss_bytes");
  run.anon_bytes = table.column("anon_bytes");
  run.harness_rss_bytes = table.column("harness_rss_bytes");
  run.harness_cpu_s = table.column("harness_cpu_s");
  run.lateness_s = table.column("lateness_s");
  run.recording = recording_of(std::move(table));
}

// Events that were lost would make what leaks look like nothing: lives count only if they agree with the
// counts.
bool agrees(const std::vector<Lifetime>& lives, const std::vector<double>& counts) {
  const auto alive = static_cast<double>(
      std::count_if(lives.begin(), lives.end(), [](const Lifetime& life) { return life.gone_s == never_s; }));
  // A crash may have come between a row and its events.
  const std::size_t rows = counts.size();
  return rows > 0 && (alive == counts[rows - 1] || (rows > 1 && alive == counts[rows - 2]));
}

// One that was under way when the run ended stays open.
void read_fault(const Json& event, std::vector<Window>& faults) {
  const Window window{event.value("begin_s", 0.0), event.value("until_s", never_s)};
  if (window.end_s == never_s)
    faults.push_back(window);
  else
    close_window(faults, window);
}

void read_events(const std::filesystem::path& folder, RecordedRun& run) {
  LifeReader threads(run.recording.thread_lives), descriptors(run.recording.descriptor_lives);
  for_each_json_line(folder / "events.jsonl", [&](Json json) {
    const std::string kind = json.value("event", "");
    if (kind == "threads") return threads.add(json);
    if (kind == "descriptors") return descriptors.add(json);
    if (kind == "fault") read_fault(json, run.recording.faults);
    if (kind == "holders")
      for (const std::uint32_t site : json.value("sites", std::vector<std::uint32_t>()))
        run.recording.lost_blocks.push_back({json.value("t", 0.0), site, json.value("lost_share", 0.0)});
    run.events.push_back({json.value("t", 0.0), kind, std::move(json)});
  });
  if (!agrees(run.recording.thread_lives, run.recording.threads)) run.recording.thread_lives.clear();
  if (!agrees(run.recording.descriptor_lives, run.recording.descriptors))
    run.recording.descriptor_lives.clear();
}

}  // namespace

RecordedRun read_run_summary(const std::filesystem::path& folder) {
  const auto file = folder / "run.json";
  std::ifstream input(file);
  if (!input)
    throw ScenarioError(
        fmt::format("{}: no run.json; give a run's folder or a samples.csv", folder.string()));
  try {
    const Json json = Json::parse(input);
    RecordedRun run;
    run.info = run_info_from(json);
    run.info.folder = folder;
    if (json.contains("result")) run.result = run_result_from(json.at("result"));
    return run;
  } catch (const std::exception& error) {  // of the JSON, or a name that is none of ours
    throw ScenarioError(
        fmt::format("{}: not a run of soakline: {}; restore it, or judge its samples.csv alone",
                    file.string(), error.what()));
  }
}

RecordedRun read_run(const std::filesystem::path& folder) {
  RecordedRun run = read_run_summary(folder);
  read_columns(read_samples(folder / "samples.csv"), run);
  read_cohorts(folder / "cohorts.csv", run.recording);
  try {
    read_events(folder, run);
  } catch (const Json::exception& error) {
    throw ScenarioError(
        fmt::format("{}: not events of soakline: {}", (folder / "events.jsonl").string(), error.what()));
  }
  for_each_json_line(folder / "load.jsonl", [&](Json line) { run.load.push_back(std::move(line)); });
  return run;
}

RecordedRun read_samples_run(const std::filesystem::path& file) {
  RecordedRun run;
  run.info.scenario = file.stem().string();
  run.info.variant = "recorded";
  read_columns(read_samples(file), run);
  return run;
}

}  // namespace soakline
