// What each verb of the command line does; all return the exit code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario_file.hpp"

namespace soakline {

struct RunRequest {
  std::vector<std::string> scenarios;  // files
  std::vector<std::string> variants;   // all unless named
  std::vector<std::string> command;    // or a plain command
  std::optional<int> attach_pid;
  Overrides overrides;
  std::optional<std::string> against;  // another build to run beside
  std::size_t jobs = 1;
  std::size_t keep = 50;
  bool json = false, quiet = false;
};

int run_verb(const RunRequest& request);
int judge_verb(const std::string& run, const Overrides& overrides, bool json, bool quiet);
int compare_verb(const std::string& base, const std::string& next, bool json, bool quiet);
int accept_verb(const std::vector<std::string>& runs, const std::string& scenario_file);
int report_verb(const std::string& run, const std::string& format);
int list_verb(const std::vector<std::string>& files);

}  // namespace soakline
