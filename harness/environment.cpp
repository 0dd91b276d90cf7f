#include "harness/environment.hpp"

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "harness/device_load.hpp"

namespace soakline {
namespace {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown";
}

// "6.1" of "6.1.0-27-amd64": a security update of the same kernel keeps its memory accounting.
std::string kernel_series(std::string_view release) {
  const auto first = release.find('.');
  return std::string(release.substr(0, release.find_first_not_of("0123456789", first + 1)));
}

// What a request is, as far as it decides what it costs to answer it.
std::string requests_of(const HttpRequests& http) {
  const std::string requests = http.mix.empty() ? fmt::format("{} {}", http.method, http.path)
                                                : fmt::format("{}", fmt::join(http.mix, ", "));
  return requests + (http.close ? ", closed after each" : "");
}

std::string load_of(const LoadPlan& load) {
  if (load.kind == LoadPlan::Kind::none) return "none";
  if (load.kind == LoadPlan::Kind::command)
    return fmt::format("command {}", fmt::join(load.program.command.arguments, " "));
  if (load.kind == LoadPlan::Kind::devices) return devices_text(load);
  const std::string amount = load.rate_per_s ? fmt::format("{:.4g}/s {}", *load.rate_per_s, load.arrivals)
                                             : fmt::format("closed {}", load.closed_depth.value_or(1));
  const std::string idle = load.idle ? fmt::format(", idle {} to {}", format_duration(load.idle->from_s),
                                                   format_duration(load.idle->until_s))
                                     : "";
  const std::string kind = load.kind == LoadPlan::Kind::http ? fmt::format("http {}", requests_of(load.http))
                           : load.kind == LoadPlan::Kind::redis ? "redis"
                                                                : "frames";
  return fmt::format("{} {}{} × {} connections{}{}{}", kind, amount,
                     load.shape.empty() ? "" : " " + load.shape, load.connections,
                     load.payload.empty() ? "" : ", ", load.payload, idle);
}

std::string agent_of(const Target& target) {
  if (target.attach_pid) return target.inject_agent ? "injected" : "none";
  return target.preload_agent ? "preloaded" : "none";
}

}  // namespace

std::map<std::string, std::string> environment_of(const Scenario& scenario) {
  utsname system{};
  uname(&system);
  return {{"kernel", kernel_series(system.release)},
          {"kernel release", system.release},
          {"architecture", system.machine},
          {"cores", std::to_string(sysconf(_SC_NPROCESSORS_ONLN))},
          {"page size", std::to_string(sysconf(_SC_PAGESIZE))},
          {"libc", gnu_get_libc_version()},
          {"cpu model", cpu_model()},
          {"warm-up", format_duration(scenario.settings.warmup_s)},
          {"sample", format_duration(scenario.sample_s)},
          {"compression", fmt::format("{:g}", scenario.settings.compression)},
          {"agent", agent_of(scenario.target)},
          {"load", load_of(scenario.load)}};
}

std::string differences(std::map<std::string, std::string> accepted, std::map<std::string, std::string> now) {
  // Runs from before there was one had none; its headers are in a program's memory.
  for (auto* environment : {&accepted, &now}) environment->emplace("agent", "none");
  std::string found;
  for (const auto& [key, value] : accepted) {
    if (key == "cpu model" || key == "kernel release") continue;
    const auto current = now.find(key);
    const std::string was = current == now.end() ? "unknown" : current->second;
    if (was != value)
      found += fmt::format("{}{} {} instead of {}", found.empty() ? "" : "; ", key, was, value);
  }
  return found;
}

}  // namespace soakline
