#include "harness/inventory/bounded_command.hpp"

#include <fmt/format.h>

#include "harness/process.hpp"

namespace soakline {
namespace {

std::string last_line(std::string_view text) {
  const auto end = text.find_last_not_of(" \r\n");
  if (end == std::string_view::npos) return "it said nothing";
  text = text.substr(0, end + 1);
  return fmt::format("its last line: {}", text.substr(text.rfind('\n') + 1).substr(0, 300));
}

}  // namespace

CommandOutput run_bounded(const Command& command, double within_s, std::size_t most_bytes,
                          const std::stop_token& stop) {
  CommandOutput output;
  const auto too_much = [&] { return output.text.size() > most_bytes; };
  EventLoop loop;
  try {
    Process process(loop, command, [&](std::string_view bytes) {
      if (!too_much()) output.text += bytes;
    });
    const auto within = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(within_s));
    const bool in_time =
        loop.wait_for([&] { return !process.running() || too_much() || stop.stop_requested(); },
                      std::chrono::steady_clock::now() + within);
    if (!process.running()) loop.drain();
    if (too_much())
      output.problem =
          fmt::format("'{}' says more than {}", command.arguments[0], format_bytes(double(most_bytes)));
    else if (!in_time)
      output.problem = fmt::format("'{}' took longer than {}; give it more by within = \"...\"",
                                   command.arguments[0], format_duration(within_s));
    else if (stop.stop_requested())
      output.problem = "interrupted";
    else if (process.ending() != "exit code 0")
      output.problem = fmt::format("'{}' ended with {}; {}", command.arguments[0], process.ending(),
                                   last_line(output.text));
  } catch (const StartError& error) {
    output.problem = error.what();
  }
  return output;
}

}  // namespace soakline
