#include "harness/load.hpp"

#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <utility>

#include "harness/device_load.hpp"

namespace soakline {
namespace {

std::vector<std::string> arguments_for(const Scenario& scenario, const std::string& to) {
  const LoadPlan& load = scenario.load;
  const bool redis = load.kind == LoadPlan::Kind::redis;
  const bool devices = load.kind == LoadPlan::Kind::devices;
  std::vector<std::string> arguments = {program_directory() / "soakline-load",
                                        devices ? "devices"
                                        : redis ? "redis"
                                                : "frames",
                                        "--to", to};
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  if (devices)
    for (auto& argument : devices_arguments(load.devices)) arguments.push_back(std::move(argument));
  if (load.rate_per_s)
    add({"--rate", fmt::format("{:.12f}/s", *load.rate_per_s), "--arrivals", load.arrivals});
  else if (!devices)
    add({"--closed", std::to_string(load.closed_depth.value_or(1))});
  if (load.idle) add({"--idle", fmt::format("{:.3f}s..{:.3f}s", load.idle->from_s, load.idle->until_s)});
  if (redis) add({"--command", fmt::format("PUBLISH {} {{payload}}", load.channel)});
  if (load.rate_per_s || !devices) add({"--payload", load.payload});
  add({"--connections", std::to_string(load.connections), "--seed", std::to_string(scenario.seed)});
  // It outlives the soak, which ends it; a lost harness ends it by its guard.
  add({"--time", fmt::format("{}s", std::ceil(scenario.settings.time_s) + 60), "--progress", "1s", "--json"});
  return arguments;
}

}  // namespace

Load::Load(EventLoop& loop, const Scenario& scenario, const std::string& to,
           std::function<void(const nlohmann::json&)> on_progress) {
  const LoadPlan& load = scenario.load;
  auto lines = std::make_shared<LineSplitter>(
      [progress = progress_, devices = load.kind == LoadPlan::Kind::devices,
       sends = load.rate_per_s.has_value(), on_progress = std::move(on_progress)](std::string_view line) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_object()) {
          progress->answered = json.value("answered", progress->answered);
          progress->failed = json.value("failed", progress->failed);
          if (devices) {
            const DeviceWork work = device_work(json, sends);
            progress->answered = work.operations;
            progress->failed = work.failures;
          }
          progress->idle = json.value("idle", progress->idle);
          if (json.contains("t")) on_progress(json);
        } else if (!line.empty()) {
          progress->last_words = line;
        }
      });
  Command command;
  command.arguments = arguments_for(scenario, to);
  try {
    process_ =
        std::make_unique<Process>(loop, command, [lines](std::string_view bytes) { lines->add(bytes); });
  } catch (const StartError& error) {
    throw RunError(fmt::format("load: {}", error.what()));
  }
}

std::string Load::ended() {
  if (process_->running()) return "";
  return fmt::format("the load generator ended with {}: {}", process_->ending(), progress_->last_words);
}

void Load::stop(EventLoop& loop) {
  process_->stop(loop, SIGTERM, 1.5);
}

}  // namespace soakline
