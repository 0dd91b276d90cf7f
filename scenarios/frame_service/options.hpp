// What the command line of frame_service says, checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "scenarios/frame_service/gateway.hpp"

namespace frame_service {

// The command line cannot be followed; what() names the flag and the fix.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the program does with frames, each the way of one leak.
enum class Work { pass_on, echo };
enum class Variant { fixed, leaky };

struct Options {
  Work work = Work::echo;
  Variant variant = Variant::fixed;
  std::uint16_t port = 0;
  Upstream upstream;        // gateway
  std::size_t loops = 2;    // gateway: of a group
  std::size_t threads = 2;  // echo: that run the tasks
};

// Nothing if only help was asked for, which is printed. Throws UsageError.
std::optional<Options> parse_options(int argc, const char* const* argv);

}  // namespace frame_service
