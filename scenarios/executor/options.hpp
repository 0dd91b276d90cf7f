// What the command line says, checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "scenarios/executor/task.hpp"

namespace executor {

// The command line cannot be followed; what() names the flag and the fix.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class SchedulerKind { dedicated, pool, long_running };

struct Options {
  SchedulerKind scheduler = SchedulerKind::dedicated;
  std::uint16_t port = 0;
  std::size_t executors = 2;
  Duration heartbeat{};
  Duration inject_interval{};
  std::size_t max_threads = 32'767;
  std::uint32_t max_frame = 1024 * 1024;
};

// Nothing if only help was asked for, which is printed. Throws UsageError.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace executor
