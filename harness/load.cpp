#include "harness/load.hpp"

#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <utility>

#include "harness/device_load.hpp"

namespace soakline {
namespace {

// In one word: what begins with a dash is then no flag.
std::string flag(std::string_view name, std::string_view value) {
  return fmt::format("--{}={}", name, value);
}

void add_http(const HttpRequests& http, std::vector<std::string>& arguments) {
  for (const auto& request : http.mix) arguments.push_back(flag("request", request));
  if (http.mix.empty()) {
    arguments.insert(arguments.end(), {flag("method", http.method), flag("path", http.path)});
    if (!http.body.empty()) arguments.push_back(flag("body", http.body));
  }
  for (const auto& [name, value] : http.headers)
    arguments.push_back(flag("header", fmt::format("{}: {}", name, value)));
  if (http.close) arguments.emplace_back("--close");
}

void add_redis(const LoadPlan& load, std::vector<std::string>& arguments) {
  for (const auto& command : load.commands) arguments.push_back(flag("command", command));
  if (load.commands.empty())
    arguments.push_back(flag("command", fmt::format("PUBLISH {} {{payload}}", load.channel)));
  if (load.subscribers > 0) arguments.push_back(flag("subscribers", std::to_string(load.subscribers)));
}

std::vector<std::string> arguments_for(const Scenario& scenario, const std::string& to) {
  using Kind = LoadPlan::Kind;
  const LoadPlan& load = scenario.load;
  const bool devices = load.kind == Kind::devices;
  const char* kind = devices                    ? "devices"
                     : load.kind == Kind::redis ? "redis"
                     : load.kind == Kind::http  ? "http"
                                                : "frames";
  std::vector<std::string> arguments = {program_directory() / "soakline-load", kind, "--to", to};
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  if (load.kind == Kind::http) add_http(load.http, arguments);
  if (devices)
    for (auto& argument : devices_arguments(load.devices)) arguments.push_back(std::move(argument));
  if (load.rate_per_s)
    add({"--rate", fmt::format("{:.12f}/s", *load.rate_per_s), "--arrivals", load.arrivals});
  else if (!devices)
    add({"--closed", std::to_string(load.closed_depth.value_or(1))});
  if (!load.shape.empty()) add({"--shape", load.shape});
  if (load.idle) add({"--idle", fmt::format("{:.3f}s..{:.3f}s", load.idle->from_s, load.idle->until_s)});
  if (load.kind == Kind::redis) add_redis(load, arguments);
  if (!load.payload.empty() && (load.rate_per_s || !devices)) add({"--payload", load.payload});
  add({"--connections", std::to_string(load.connections), "--seed", std::to_string(scenario.seed)});
  // It outlives the soak, which ends it; a lost harness ends it by its guard.
  add({"--time", fmt::format("{}s", std::ceil(scenario.settings.time_s) + 60), "--progress", "1s", "--json"});
  return arguments;
}

}  // namespace

Load::Load(EventLoop& loop, const Scenario& scenario, const std::string& to,
           const std::filesystem::path& folder, const Placeholders& values, OnProgress on_progress)
    : plan_(scenario.load), account_(std::make_shared<LoadAccount>(plan_.program.operations)) {
  if (plan_.kind == LoadPlan::Kind::command)
    start_program(loop, folder, values);
  else
    start_generator(loop, arguments_for(scenario, to), std::move(on_progress));
}

void Load::start_generator(EventLoop& loop, std::vector<std::string> arguments, OnProgress on_progress) {
  auto lines = std::make_shared<LineSplitter>(
      [account = account_, devices = plan_.kind == LoadPlan::Kind::devices,
       sends = plan_.rate_per_s.has_value(), on_progress = std::move(on_progress)](std::string_view line) {
        const auto json = account->read(line);
        if (json && devices) {
          const DeviceWork work = device_work(*json, sends);
          account->enter(work.operations, work.failures);
        }
        if (json && json->contains("t")) on_progress(*json);
      });
  Command command;
  command.arguments = std::move(arguments);
  try {
    process_ =
        std::make_unique<Process>(loop, command, [lines](std::string_view bytes) { lines->add(bytes); });
  } catch (const StartError& error) {
    throw RunError(fmt::format("load: {}", error.what()));
  }
}

void Load::start_program(EventLoop& loop, const std::filesystem::path& folder, const Placeholders& values) {
  auto log = std::make_shared<LogFile>(folder / "load.log");
  log->on_line([account = account_](std::string_view line) { account->read(line); });
  try {
    process_ = std::make_unique<Process>(loop, fill(plan_.program.command, values),
                                         [log](std::string_view bytes) { log->write(bytes); });
  } catch (const StartError& error) {
    throw ScenarioError(fmt::format("[load] command: {}", error.what()));
  }
}

std::string Load::ended() {
  if (process_->running()) return "";
  const std::string how = fmt::format("ended with {}: {}", process_->ending(), account_->last_words());
  if (plan_.kind != LoadPlan::Kind::command) return "the load generator " + how;
  if (!plan_.program.may_end)
    return fmt::format("the load {} (if it may, write may_end = true in [load])", how);
  return process_->ending() == "exit code 0" ? "" : "the load " + how;
}

void Load::stop(EventLoop& loop) {
  process_->stop(loop, SIGTERM, 1.5);
}

}  // namespace soakline
