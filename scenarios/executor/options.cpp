#include "scenarios/executor/options.hpp"

#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "scenarios/executor/duration.hpp"

namespace executor {
namespace {

constexpr const char* description =
    "A frame server (4 bytes of length, high first, then the payload, which is sent back) on event "
    "executors\n"
    "whose loop starts anew on a task scheduler at each heartbeat and each new connection. With 'pool' and\n"
    "'long-running' each such start costs a thread for good; 'dedicated' is the fix.";

constexpr const char* footer =
    "Durations: 8.6s, 17.2ms, 86us, or divided by a number, 8.6s/500.\n"
    "Exit codes: 0 stopped by SIGTERM or SIGINT, 2 usage or port in use, 3 out of threads.";

Duration parse_duration_of(const std::string& flag, const std::string& text) {
  try {
    return parse_duration(text);
  } catch (const DurationError& error) {
    throw UsageError(flag + ": " + error.what());
  }
}

}  // namespace

std::optional<Options> parse_options(int argc, const char* const* argv) {
  const std::map<std::string, SchedulerKind> kinds = {{"dedicated", SchedulerKind::dedicated},
                                                      {"pool", SchedulerKind::pool},
                                                      {"long-running", SchedulerKind::long_running}};
  Options options;
  std::string kind = "dedicated";
  std::string heartbeat = "8.6s";
  std::string inject_interval = "500ms";

  CLI::App app(description, "executor");
  app.footer(footer);
  app.add_option("--scheduler", kind, "dedicated, pool or long-running")
      ->check(CLI::IsMember({"dedicated", "pool", "long-running"}))
      ->capture_default_str();
  app.add_option("--listen", options.port, "port on 127.0.0.1; 0 takes any free one and prints it")
      ->check(CLI::Range(0, 65'535))
      ->capture_default_str();
  app.add_option("--executors", options.executors, "event executors, 1 to 64")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--heartbeat", heartbeat, "the group beats this often, its executors in turn")
      ->capture_default_str();
  app.add_option("--inject-interval", inject_interval, "the pool adds at most one thread in this time")
      ->capture_default_str();
  app.add_option("--max-threads", options.max_threads, "exit when the task schedulers need more threads")
      ->check(CLI::Range(1, 4'194'304))
      ->capture_default_str();
  app.add_option("--max-frame", options.max_frame, "largest payload that is echoed, in bytes, up to 64 MiB")
      ->check(CLI::Range(1, 64 * 1024 * 1024))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see executor --help");
  }
  options.scheduler = kinds.at(kind);
  options.heartbeat = parse_duration_of("--heartbeat", heartbeat);
  options.inject_interval = parse_duration_of("--inject-interval", inject_interval);
  return options;
}

}  // namespace executor
