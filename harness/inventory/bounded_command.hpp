// A command whose output is wanted, within a time and a size.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "harness/scenario.hpp"

namespace soakline {

struct CommandOutput {
  std::string text;
  std::string problem;  // why there is none to rely on, as a sentence; "" if there is
};

// Runs it to its end under a guard of its own, with an event loop of its own: fit for any thread. What it
// leaves running is ended, also where `stop` asks for it.
CommandOutput run_bounded(const Command& command, double within_s, std::size_t most_bytes,
                          const std::stop_token& stop);

}  // namespace soakline
