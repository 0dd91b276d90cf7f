#include "harness/run_folder.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fstream>

#include "harness/chunk_classes.hpp"
#include "harness/readiness.hpp"
#include "harness/run_json.hpp"
#include "harness/samples_csv.hpp"
#include "harness/site_counts.hpp"

namespace soakline {
namespace {

constexpr const char* known_columns =
    "time_s,rss_bytes,anon_bytes,pss_bytes,heap_live_bytes,heap_aged_bytes,threads,descriptors,"
    "files,sockets,pipes,other_descriptors,cpu_s,operations,lateness_s,harness_rss_bytes,"
    "harness_cpu_s,heap_slack_bytes";

std::string header() {
  std::string line = known_columns;
  for (const double bound : chunk_classes())
    fmt::format_to(std::back_inserter(line), ",{}{:.0f}", chunk_column, bound);
  return line + "\n";
}

std::filesystem::path make_folder(const std::filesystem::path& out, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(out, error);
  for (int i = 1; !error && i < 1000; ++i) {
    auto path = out / (i == 1 ? name : fmt::format("{}.{}", name, i));
    if (std::filesystem::create_directory(path, error)) {
      std::filesystem::create_directory(path / "evidence", error);
      if (!error) return path;
    }
  }
  throw ScenarioError(fmt::format("cannot make a run's folder in '{}': {}; choose another with --out",
                                  out.string(), error ? error.message() : "too many of the same second"));
}

OpenFile create(const std::filesystem::path& file) {
  OpenFile opened(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!opened.is_open())
    throw ScenarioError(fmt::format("cannot write '{}': {}; choose another folder with --out", file.string(),
                                    std::strerror(errno)));
  return opened;
}

void cell(std::string& line, double value, int digits) {
  line += ',';
  if (!std::isnan(value)) fmt::format_to(std::back_inserter(line), "{:.{}f}", value, digits);
}

}  // namespace

RunFolder::RunFolder(const std::filesystem::path& out, RunInfo& info) {
  const std::time_t now = std::time(nullptr);
  info.started_at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
  path_ =
      make_folder(out, fmt::format("{:%Y%m%d-%H%M%S}-{}-{}", fmt::gmtime(now), info.scenario, info.variant));
  info.folder = path_;
  samples_ = create(path_ / "samples.csv");
  events_ = create(path_ / "events.jsonl");
  load_ = create(path_ / "load.jsonl");
  append(samples_, "samples.csv", header());
  write_info(info);
  line_.reserve(4096);
}

void RunFolder::write_info(const RunInfo& info) {
  write_atomically(path_ / "run.json",
                   to_json(info).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void RunFolder::append(const OpenFile& file, const char* name, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(file.fd(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0)
      throw RunError(fmt::format("cannot write {}: {}; free some space or choose another folder with --out",
                                 (path_ / name).string(), std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

void RunFolder::write_sample(const Reading& reading, double lateness_s, const ChunkWalk* walk) {
  const Sample& s = reading.sample;
  line_.clear();
  fmt::format_to(std::back_inserter(line_), "{:.4f}", s.time_s);
  for (const double bytes : {s.rss_bytes, s.anon_bytes, s.pss_bytes, s.heap_live_bytes, s.heap_aged_bytes,
                             s.threads, s.descriptors})
    cell(line_, bytes, 0);
  for (const double count : reading.descriptors_by_kind) cell(line_, count, 0);
  cell(line_, s.cpu_s, 2);
  cell(line_, s.operations, 0);
  cell(line_, lateness_s, 4);
  cell(line_, reading.harness_rss_bytes, 0);
  cell(line_, reading.harness_cpu_s, 4);
  cell(line_, walk == nullptr ? missing : walk->slack_bytes, 0);
  if (walk == nullptr)
    line_.append(chunk_class_count, ',');
  else
    for (const float count : walk->counts) cell(line_, count, 0);
  line_ += '\n';
  append(samples_, "samples.csv", line_);
}

void RunFolder::write_cohorts(const Recording& recording) {
  if (cohorts_written_ == recording.cohorts.size()) return;
  if (!cohorts_.is_open()) {
    cohorts_ = create(path_ / "cohorts.csv");
    append(cohorts_, "cohorts.csv", cohorts_header);
  }
  append(cohorts_, "cohorts.csv", cohort_lines(recording, cohorts_written_));
  cohorts_written_ = recording.cohorts.size();
}

void RunFolder::write_identities(const char* kind, double time_s,
                                 const std::vector<IdentityChange>& changes) {
  if (changes.empty()) return;
  auto born = nlohmann::json::array(), gone = nlohmann::json::array();
  for (const IdentityChange& change : changes)
    (change.born ? born : gone).push_back({change.pid, change.number, change.identity, change.time_s});
  write_event(time_s, kind, {{"born", std::move(born)}, {"gone", std::move(gone)}});
}

void RunFolder::write_event(double time_s, std::string_view kind, nlohmann::json detail) {
  detail["t"] = time_s;
  detail["event"] = kind;
  append(events_, "events.jsonl",
         detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void RunFolder::write_load(const nlohmann::json& progress) {
  append(load_, "load.jsonl", progress.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void RunFolder::write_result(const RunInfo& info, const RunResult& result) {
  auto json = to_json(info);
  json["result"] = to_json(result);
  write_atomically(path_ / "run.json",
                   json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void write_atomically(const std::filesystem::path& file, std::string_view text) {
  const std::filesystem::path temporary = file.string() + ".new";
  std::ofstream output(temporary, std::ios::binary | std::ios::trunc);
  output << text;
  output.close();
  std::error_code error;
  if (output) std::filesystem::rename(temporary, file, error);
  if (!output || error)
    throw RunError(
        fmt::format("cannot write '{}': {}", file.string(), error ? error.message() : std::strerror(errno)));
}

std::vector<std::filesystem::path> run_folders(const std::filesystem::path& out) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(out, error))
    if (entry.is_directory() && std::filesystem::exists(entry.path() / "run.json"))
      folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

void prune(const std::filesystem::path& out, const std::string& scenario, const std::string& variant,
           std::size_t keep) {
  std::vector<std::filesystem::path> mine;
  for (const auto& folder : run_folders(out)) {
    std::ifstream file(folder / "run.json");
    const auto json = nlohmann::json::parse(file, nullptr, false);
    // One without a result may still be going on.
    if (json.is_object() && json.contains("result") && json.value("scenario", "") == scenario &&
        json.value("variant", "") == variant)
      mine.push_back(folder);
  }
  std::error_code ignored;
  for (std::size_t i = 0; i + keep < mine.size(); ++i) std::filesystem::remove_all(mine[i], ignored);
}

}  // namespace soakline
