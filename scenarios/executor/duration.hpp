// Durations as they are written on the command line.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "scenarios/executor/task.hpp"

namespace executor {

// What was written is no duration; what() says why and how to write one.
struct DurationError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "8.6s" "17.2ms" "86us" "5m", and "8.6s/500": divided by a number. From a microsecond to a day.
Duration parse_duration(std::string_view text);

// In the largest unit that it is at least one of: "17.2ms".
std::string format_duration(Duration duration);

}  // namespace executor
