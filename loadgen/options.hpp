// The command line of soakline-load.
#pragma once

#include <optional>
#include <stdexcept>

#include "loadgen/load_plan.hpp"

namespace soakline {

// What was typed cannot be run; what() names the flag and a fix.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct LoadOptions {
  LoadPlan plan;
  bool json = false;
  double progress_period_s = 0;  // 0: none asked for
};

// Nothing when it was a call for help, which has been printed. UsageError.
std::optional<LoadOptions> parse_options(int argc, const char* const* argv);

}  // namespace soakline
