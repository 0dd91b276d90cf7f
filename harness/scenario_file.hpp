// Reads a scenario file and resolves one variant under one profile: flag before environment before file
// before default.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario.hpp"

namespace soakline {

// What flags or SOAKLINE_* variables set over the file; nothing where they do not. Durations in seconds.
struct Overrides {
  std::optional<std::string> profile;
  std::optional<double> time_s, warmup_s, age_s, settle_s, sample_s, compression, rate_per_s;
  std::optional<std::uint64_t> seed;
  std::map<Metric, Limit> limits;
  std::optional<Stop> stop;
  std::optional<bool> agent;
  bool pause = false;                            // at looks at who holds what grew
  std::optional<EvidencePlan::Preset> evidence;  // instead of the file's command or preset
  bool inject = false;
  std::optional<std::filesystem::path> out;
};

struct VariantSummary {
  std::string name, why;
  std::vector<Metric> must_fail;
};

// Names, variants and profiles of a file, for `list` and for choosing.
struct ScenarioSummary {
  std::string name, why;
  std::vector<VariantSummary> variants;
  std::vector<std::string> profiles;
};

ScenarioSummary summarize(const std::filesystem::path& file);

// ScenarioError names file, line, key and the fix. The profile is "quick" unless chosen, where the file has
// it.
Scenario resolve(const std::filesystem::path& file, const std::string& variant, const Overrides& overrides);

// A scenario for a plain command or a process that runs already, with defaults for all the rest.
Scenario plain_scenario(std::vector<std::string> command, std::optional<int> attach_pid,
                        const Overrides& overrides);

// "90 MB/day" for memory, "24/day" for threads and descriptors.
Limit parse_limit(Metric metric, std::string_view text);

// "jvm", "node" or "none".
std::optional<EvidencePlan::Preset> preset_named(std::string_view name);

}  // namespace soakline
