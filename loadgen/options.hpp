// The command line of soakline-load: one subcommand a kind of load.
#pragma once

#include <optional>
#include <variant>

#include "loadgen/devices/devices_plan.hpp"
#include "loadgen/load_plan.hpp"
#include "loadgen/option_reading.hpp"

namespace soakline {

struct LoadOptions {
  std::variant<LoadPlan, DevicesPlan> plan;
  Output output;
};

// Nothing when it was a call for help, which has been printed. UsageError.
std::optional<LoadOptions> parse_options(int argc, const char* const* argv);

}  // namespace soakline
