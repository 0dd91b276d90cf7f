#include "loadgen/options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "loadgen/message_stream.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/redis_command.hpp"

namespace soakline {
namespace {

constexpr double highest_rate_per_s = 1e8;
constexpr double longest_time_s = 365 * seconds_per_day;
constexpr double shortest_progress_s = 0.01;

// As typed, before anything is believed.
struct Typed {
  std::string kind, to, rate, arrivals, idle, command, payload, time = "10s", progress;
  std::size_t closed = 0, connections = 1, backlog = LoadPlan{}.backlog;
  std::uint64_t seed = LoadPlan{}.seed;
  bool json = false;
};

void declare(CLI::App& app, Typed& typed) {
  app.add_option("kind", typed.kind, "frames or redis")->required();
  app.add_option("--to", typed.to, "unix:PATH, HOST:PORT or redis://HOST:PORT")->required();
  app.add_option("--rate", typed.rate, "open loop: so many messages, like 20k/s or 58k/day");
  app.add_option("--arrivals", typed.arrivals, "of an open loop: fixed (default) or poisson");
  app.add_option("--idle", typed.idle, "of an open loop: nothing is sent meanwhile, like 40m..80m");
  app.add_option("--closed", typed.closed, "closed loop: messages in flight on each connection");
  app.add_option("--connections", typed.connections, "connections (1)");
  app.add_option("--command", typed.command,
                 "redis: what to send ('PUBLISH orders {payload}'); {uniform:N} is a number below N");
  app.add_option("--payload", typed.payload, "size of a payload, like 64..512B (64B)");
  app.add_option("--time", typed.time, "how long to send (10s)");
  app.add_option("--seed", typed.seed, "decides every message and arrival (7)");
  app.add_option("--backlog", typed.backlog,
                 "messages that may wait or be unanswered; more are dropped and counted (1000000)");
  app.add_flag("--json", typed.json, "the result as one JSON object, the last line of standard output");
  app.add_option("--progress", typed.progress, "a JSON line on standard output every period, like 1s");
}

// Runs a parser of units and puts the flag's name before what it has to say.
template <class Parser>
auto read(std::string_view flag, const std::string& text, Parser parser) {
  try {
    return parser(text);
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("{}: {}", flag, error.what()));
  }
}

void require(bool holds, const std::string& otherwise) {
  if (!holds) throw UsageError(otherwise);
}

LoadKind read_kind(const std::string& name) {
  if (name == "frames") return LoadKind::frames;
  if (name == "redis") return LoadKind::redis;
  if (name == "devices" || name == "http")
    throw UsageError(fmt::format("kind '{}' does not work yet; frames and redis do", name));
  throw UsageError(fmt::format("kind '{}' is not known; write frames or redis", name));
}

void read_loop(const Typed& typed, const CLI::App& app, LoadPlan& plan) {
  const bool open = app.count("--rate") > 0;
  const bool closed = app.count("--closed") > 0;
  require(open != closed, open ? "--rate and --closed exclude each other; give one of them"
                               : "how fast? give --rate, like 20k/s, or --closed DEPTH");
  if (closed) {
    require(typed.closed >= 1 && typed.closed <= 100'000,
            "--closed must be between 1 and 100000 messages in flight");
    require(typed.arrivals.empty(), "--arrivals goes with --rate; leave it out with --closed");
    require(typed.idle.empty(), "--idle goes with --rate; leave it out with --closed");
    plan.closed_depth = typed.closed;
    return;
  }
  plan.rate_per_s = read("--rate", typed.rate, parse_rate);
  require(*plan.rate_per_s > 0 && *plan.rate_per_s <= highest_rate_per_s,
          "--rate must be above 0 and at most 100M/s");
  require(typed.arrivals.empty() || typed.arrivals == "fixed" || typed.arrivals == "poisson",
          fmt::format("--arrivals: '{}' is not known; write fixed or poisson", typed.arrivals));
  if (!typed.idle.empty()) {
    const TimeSpan idle = read("--idle", typed.idle, parse_time_span);
    plan.idle = {std::llround(idle.from_s * 1e9), std::llround(idle.until_s * 1e9)};
  }
  plan.arrivals = typed.arrivals == "poisson" ? Arrivals::poisson : Arrivals::fixed;
}

void read_messages(const Typed& typed, LoadPlan& plan) {
  if (!typed.payload.empty()) plan.payload = read("--payload", typed.payload, parse_byte_range);
  require(plan.payload.most <= Payload::largest, "--payload may be 16 MiB at most");
  if (plan.kind == LoadKind::frames) {
    require(typed.command.empty(), "--command is for kind redis; a frame has only its --payload");
    return;
  }
  if (!typed.command.empty()) plan.command = typed.command;
  const RedisCommand command = read("--command", plan.command, [&plan](const std::string& text) {
    return RedisCommand(text, Payload(plan.payload));
  });
  require(typed.payload.empty() || command.has_payload(),
          "--payload has no effect: the --command has no {payload}");
}

LoadOptions understand(const Typed& typed, const CLI::App& app) {
  LoadOptions options;
  LoadPlan& plan = options.plan;
  plan.kind = read_kind(typed.kind);
  plan.to = read("--to", typed.to, parse_address);
  require(plan.kind == LoadKind::redis || !typed.to.starts_with("redis://"),
          "--to: redis:// is for kind redis; write HOST:PORT or unix:PATH for frames");
  read_loop(typed, app, plan);
  read_messages(typed, plan);
  require(typed.connections >= 1 && typed.connections <= 10'000, "--connections must be between 1 and 10000");
  plan.connections = typed.connections;
  plan.backlog = typed.backlog;
  const std::size_t least_backlog = plan.connections * (plan.rate_per_s ? 1 : plan.closed_depth);
  require(plan.backlog >= least_backlog,
          fmt::format("--backlog must be at least {} for these connections", least_backlog));
  plan.time_s = read("--time", typed.time, parse_duration);
  require(plan.time_s > 0 && plan.time_s <= longest_time_s, "--time must be above 0 and at most 365d");
  plan.seed = typed.seed;
  options.json = typed.json;
  if (!typed.progress.empty()) {
    options.progress_period_s = read("--progress", typed.progress, parse_duration);
    require(options.progress_period_s >= shortest_progress_s, "--progress must be at least 10ms");
  }
  return options;
}

}  // namespace

std::optional<LoadOptions> parse_options(int argc, const char* const* argv) {
  CLI::App app("Sends a load to a server, on time or in a closed loop, and accounts for every message.",
               "soakline-load");
  Typed typed;
  declare(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; soakline-load --help lists every flag", error.what()));
  }
  return understand(typed, app);
}

}  // namespace soakline
