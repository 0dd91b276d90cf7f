// One variant of a scenario under one profile, with every default filled in: what run_soak() is given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/fault_timeline.hpp"
#include "harness/holders/pause.hpp"
#include "harness/judge/verdict.hpp"
#include "units/quantity.hpp"

namespace soakline {

// A mistake in a scenario file, a flag or the environment; what() names file, line and key, and the fix. Exit
// code 2.
struct ScenarioError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// When a process is ready: exactly one of these, or none, which means as soon as it runs.
struct Readiness {
  std::optional<std::string> tcp;    // port, or host:port
  std::optional<std::string> http;   // http:// URL that must answer with 2xx
  std::optional<std::string> log;    // regular expression for a line of its output; its first group is {port}
  std::optional<std::string> file;   // path that must exist
  std::optional<std::string> redis;  // address of a Redis server that must answer; ours alone
  std::optional<std::string> redis_subscribers;  // channel on the service named redis
  int at_least = 1;
  double within_s = 30;
};

// Arguments may hold {placeholders}: bin, run, port, seed, variant, compression, and the name of every
// service.
struct Command {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::filesystem::path working_directory;
};

struct Target {
  Command command;
  std::optional<int> attach_pid;  // watch this process instead of starting one
  bool preload_agent = true;      // counts its live blocks exactly, by where they were born
  bool inject_agent = false;      // the same of a process that is watched
  Readiness ready;
  int stop_signal = 15;
  double stop_grace_s = 2;
  std::vector<std::vector<std::string>> setup, teardown;  // commands run before the start and after the end
};

struct Service {
  std::string name;
  enum class Kind { private_redis, url, command } kind = Kind::private_redis;
  std::string url;
  Command command;
  Readiness ready;
};

// What the load of kind http asks for; its placeholders are soakline-load's.
struct HttpRequests {
  std::string method = "GET", path = "/", body;
  std::vector<std::string> mix;  // "WEIGHT:METHOD PATH BODY" instead of these
  std::map<std::string, std::string> headers;
  bool close = false;  // a connection a request
};

// Any program as the load.
struct LoadProgram {
  Command command;
  std::string operations;  // regular expression for the lines that count operations
  bool may_end = false;    // before the run does
};

// What the load of kind devices does beside sending, each as soakline-load takes it.
struct DeviceLoad {
  std::string protocol = "frames", keep_alive = "30s";
  std::string churn, storm, close, topic;  // "" for none, or its default
  int qos = 0, subscribers = 0;
};

struct LoadPlan {
  enum class Kind { none, redis, frames, devices, http, command } kind = Kind::none;
  std::string to;       // frames, devices: HOST:PORT, http: a URL, with placeholders
  std::string channel;  // redis: where to publish; or
  std::vector<std::string>
      commands;         // a mix, each "WEIGHT:COMMAND" or a command, with soakline-load's placeholders
  int subscribers = 0;  // redis: of the channel, who account for every message
  std::optional<double> rate_per_s;  // open loop, already compressed
  std::optional<int> closed_depth;   // closed loop
  std::string arrivals = "poisson";
  std::string shape;                  // of an open loop: how its rate changes; "" for not at all
  std::optional<TimeSpan> idle;       // of an open loop: no load meanwhile
  std::string payload = "64..512 B";  // "" where nothing has one
  int connections = 1;
  DeviceLoad devices;
  HttpRequests http;
  LoadProgram program;
};

// What is asked of the target, or of its runtime, about what it holds: before warm-up ends and at a fail of
// memory.
struct EvidencePlan {
  enum class Preset { none, jvm, node } preset = Preset::none;
  std::vector<std::string> command;  // {pid} is the process that is asked, beside the other placeholders
  double within_s = 30;
  Looking looking = Looking::at_work;  // at who holds what grew

  bool asked() const { return preset != Preset::none || !command.empty(); }
};

// As runtimes.hpp names it; "" for none.
inline const char* runtime_name(EvidencePlan::Preset preset) {
  return preset == EvidencePlan::Preset::jvm ? "the JVM" : preset == EvidencePlan::Preset::node ? "Node" : "";
}

struct Scenario {
  std::string name, why, variant, variant_why, profile;
  std::filesystem::path file;  // empty for a plain command
  std::string role;            // "base" of a pair that is compared
  Target target;
  std::vector<Service> services;
  LoadPlan load;
  std::vector<FaultPlan> faults;
  EvidencePlan evidence;
  std::uint64_t seed = 1;
  double sample_s = 1;
  JudgeSettings settings;  // must_fail is what the variant is expected to fail on; empty: it must pass
  std::filesystem::path out = "soak-runs";

  // What its runs are called, and what the target is not told.
  std::string recorded_variant() const { return role.empty() ? variant : variant + "-" + role; }
};

}  // namespace soakline
