// What the flags of all kinds of load share: how they are declared, read, and complained of.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "loadgen/load_plan.hpp"

namespace CLI {
class App;
}

namespace soakline {

// What was typed cannot be run; what() names the flag and a fix.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Runs a parser of units and puts the flag's name before what it has to say.
template <class Parser>
auto read(std::string_view flag, const std::string& text, Parser parser) {
  try {
    return parser(text);
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("{}: {}", flag, error.what()));
  }
}

void require(bool holds, const std::string& otherwise);

// The flags of every kind as typed, before anything is believed.
struct CommonFlags {
  std::string to, rate, arrivals, shape, idle, time = "10s", progress, latency_log;
  std::size_t connections = 1;
  std::uint64_t seed = 7;
  bool json = false;

  void declare(CLI::App& command);
  // Open loop; `rate` must not be empty.
  Pace open_loop() const;
  double time_s() const;
  Output output() const;
};

}  // namespace soakline
