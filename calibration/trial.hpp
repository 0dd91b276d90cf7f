// One trial of the judge: a life by its kind, leak and seed, and the trace it left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

struct Trial {
  std::string kind;
  std::string shape = "none";  // of the leak
  double leak = 0;             // in limits
  unsigned seed = 0;

  std::string name() const;  // KIND.SHAPE.LEAK.SEED, the trace's file but for its ending
};

// ScenarioError for a file that is named otherwise.
Trial trial_named(const std::string& file_name);

// Lives it in a process of its own and keeps what that printed, compressed; std::runtime_error if it fails.
void make_trace(const Trial& trial, const std::filesystem::path& program,
                const std::filesystem::path& folder);

// Traces in a folder, sorted by name.
std::vector<std::filesystem::path> traces_in(const std::filesystem::path& folder);
Recording read_trace(const std::filesystem::path& file);
// The same trace up to and with end_s.
void cut_trace(const std::filesystem::path& file, const std::filesystem::path& to, double end_s);

}  // namespace soakline
