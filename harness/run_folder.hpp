// A run's folder: written as the run goes, so that a crash loses at most the last second, and read back to
// judge again.
#pragma once

#include <filesystem>
#include <string>

#include "harness/proc_files.hpp"
#include "harness/run_record.hpp"
#include "harness/sampler.hpp"

namespace soakline {

class RunFolder {
 public:
  // Makes a folder of its own under `out`; ScenarioError names it and the fix where that cannot be.
  RunFolder(const std::filesystem::path& out, RunInfo& info);

  const std::filesystem::path& path() const { return path_; }

  // RunError when the disk refuses: what is not recorded cannot be judged. `walk` is null in rows without
  // one.
  void write_sample(const Reading& reading, double lateness_s, const ChunkWalk* walk = nullptr);
  void write_identities(const char* kind, double time_s, const std::vector<IdentityChange>& changes);
  // Those of the recording that are not written yet.
  void write_cohorts(const Recording& recording);
  void write_event(double time_s, std::string_view kind, nlohmann::json detail = nlohmann::json::object());
  void write_load(const nlohmann::json& progress);
  // What was learnt of the target since the start, before its verdict.
  void write_info(const RunInfo& info);
  void write_result(const RunInfo& info, const RunResult& result);

 private:
  void append(const OpenFile& file, const char* name, std::string_view text);

  std::filesystem::path path_;
  OpenFile samples_, events_, load_, cohorts_;  // cohorts: made with the first of them
  std::size_t cohorts_written_ = 0;
  std::string line_;
};

// Replaces a file in one step, so that a reader or a crash sees the old or the new one.
void write_atomically(const std::filesystem::path& file, std::string_view text);

// Reads a folder back as far as it was written; ScenarioError where it is none.
RecordedRun read_run(const std::filesystem::path& folder);
RecordedRun read_run_summary(
    const std::filesystem::path& folder);  // run.json alone, without samples and events

// A samples file from anywhere, without settings of its own.
RecordedRun read_samples_run(const std::filesystem::path& file);

// Folders of runs directly under `out`, oldest first.
std::vector<std::filesystem::path> run_folders(const std::filesystem::path& out);

// Deletes the oldest finished runs of the same scenario and variant beyond `keep`.
void prune(const std::filesystem::path& out, const std::string& scenario, const std::string& variant,
           std::size_t keep);

}  // namespace soakline
