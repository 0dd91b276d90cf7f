// A run as its folder holds it: what ran, under which settings, what came out. run.json is this, as JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// What was measured, held against what the variant was expected to do; it alone sets the exit code.
enum class Outcome { passed, failed, caught, not_caught, inconclusive, invalid };
std::string_view name_of(Outcome outcome);

// Something that grew, for people: a group of threads, a kind of descriptor, a mapping.
struct Evidence {
  Metric metric = Metric::memory;
  // thread, descriptor, mapping, heap chunks, type, holder; stack, where the target has the agent; class,
  // heap space and line, where it was asked
  std::string kind;
  double per_day = 0;
  double share = 0;                       // of the metric's growth, 0 to 1
  std::vector<std::string> frames;        // most telling first, one line of text each
  std::optional<double> survival = {};    // share of the blocks born there that live
  std::vector<std::uint32_t> sites = {};  // of a stack: those of Recording::cohorts
};

// What evidence of kind "holder" says of blocks that nothing holds.
inline constexpr const char* no_pointer_found = "no pointer found";

// One quantity against the accepted runs: outside [low, high] it is a regression. Where two runs are
// compared, `mean` is the base's, and [low, high] the interval of the difference.
struct BaselineQuantity {
  std::string quantity;  // "plateau memory", "threads", "descriptors", "cpu per operation"
  std::string unit;      // "B", "", "s"
  double value = 0, mean = 0, low = 0, high = 0;
  Verdict verdict = Verdict::not_judged;
};
struct BaselineComparison {
  std::string status = "none";  // "none", "compared", "too few runs", "other environment"; "base" of two runs
  std::string message;
  int runs = 0;
  std::vector<BaselineQuantity> quantities;
};

struct RunInfo {
  std::string scenario, variant, why, profile;
  std::vector<std::string> command;
  std::uint64_t seed = 0;
  double sample_s = 1;
  JudgeSettings settings;
  std::string started_at;  // ISO 8601, UTC
  std::map<std::string, std::string> environment;
  nlohmann::json resolved;  // the scenario as resolved
  std::filesystem::path folder;
};

struct RunResult {
  Verdict verdict = Verdict::invalid;
  Outcome outcome = Outcome::invalid;
  int exit = 4;
  double ended_at_s = 0;               // soak time when sampling ended
  std::optional<double> decided_at_s;  // when the last metric was decided
  std::string message;                 // why it is invalid, or what cut it short
  std::vector<MetricVerdict> metrics;
  std::vector<Evidence> evidence;
  BaselineComparison baseline;
  nlohmann::json load = nullptr;  // the last that the load said of itself
};

// One line of events.jsonl: "phase", "look", "late", "gap", "threads", "descriptors", "fault", ...
struct Event {
  double time_s = 0;
  std::string kind;
  nlohmann::json detail;
};

// A folder read back; what a crash left out is simply not there (no result, fewer rows).
struct RecordedRun {
  RunInfo info;
  std::optional<RunResult> result;
  Recording recording;
  std::vector<double> pss_bytes, anon_bytes;                         // beside recording's rows
  std::vector<double> harness_rss_bytes, harness_cpu_s, lateness_s;  // the instrument itself
  std::vector<Event> events;
  std::vector<nlohmann::json> load;  // lines of load.jsonl, each with "t" and cumulative counts
};

}  // namespace soakline
