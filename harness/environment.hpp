// What a run's numbers depend on besides the program: the machine it ran on, and how it was run.
#pragma once

#include <map>
#include <string>

#include "harness/scenario.hpp"

namespace soakline {

inline constexpr const char* soakline_version = "0.1.0";

// kernel, architecture, cores, libc, page size, cpu model; and of the run: profile, durations, compression,
// load.
std::map<std::string, std::string> environment_of(const Scenario& scenario);

// Names of what differs; "cpu model" matters to CPU only and is not among them.
std::string differences(std::map<std::string, std::string> accepted, std::map<std::string, std::string> now);

}  // namespace soakline
