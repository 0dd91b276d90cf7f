#include "harness/scenario_sections.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstring>
#include <utility>

#include "harness/device_load.hpp"
#include "harness/load_sections.hpp"
#include "harness/scenario_file.hpp"
#include "units/rate_shape.hpp"

namespace soakline {
namespace {

int whole_number(StrictTable& section, const char* key, int otherwise, int most) {
  const auto value = section.integer(key);
  if (value && (*value < 1 || *value > most))
    section.fail(key, fmt::format("must be between 1 and {}", most));
  return static_cast<int>(value.value_or(otherwise));
}

Readiness parse_readiness(StrictTable& owner) {
  Readiness ready;
  const toml::node* written = owner.any("ready");
  if (written == nullptr) return ready;
  StrictTable table = *owner.table("ready");
  // A port may be written as a number.
  if (const toml::node* tcp = table.any("tcp"); tcp != nullptr && tcp->is_integer())
    ready.tcp = std::to_string(whole_number(table, "tcp", 1, 65'535));
  else
    ready.tcp = table.text("tcp");
  ready.http = table.text("http");
  ready.log = table.text("log");
  ready.file = table.text("file");
  ready.redis_subscribers = table.text("redis_subscribers");
  if (const auto least = table.integer("at_least")) {
    if (*least < 1 || *least > 100'000) table.fail("at_least", "must be between 1 and 100000");
    ready.at_least = static_cast<int>(*least);
  }
  ready.within_s = table.quantity("within", parse_duration).value_or(ready.within_s);
  table.refuse_unknown();
  const int probes = ready.tcp.has_value() + ready.http.has_value() + ready.log.has_value() +
                     ready.file.has_value() + ready.redis_subscribers.has_value();
  if (probes != 1) owner.fail("ready", "needs exactly one of tcp, http, log, file and redis_subscribers");
  if (ready.log)
    if (const RE2 expression(*ready.log, RE2::Quiet); !expression.ok())
      table.fail("log", fmt::format("is not a regular expression: {}", expression.error()));
  if (ready.http && !ready.http->starts_with("http://"))
    table.fail("http", "must begin with http:// (TLS is not spoken)");
  return ready;
}

void parse_stop(StrictTable& section, Target& target) {
  auto stop = section.table("stop");
  if (!stop) return;
  if (const auto name = stop->text("signal")) {
    const std::string_view wanted = std::string_view(*name).substr(name->starts_with("SIG") ? 3 : 0);
    target.stop_signal = 0;
    for (int number = 1; number < 32; ++number)
      if (const char* known = sigabbrev_np(number); known != nullptr && wanted == known)
        target.stop_signal = number;
    if (target.stop_signal == 0)
      stop->fail("signal", "is no signal's name; write it like \"TERM\" or \"INT\"");
  }
  target.stop_grace_s = stop->quantity("grace", parse_duration).value_or(target.stop_grace_s);
  stop->refuse_unknown();
}

std::vector<std::vector<std::string>> parse_commands(StrictTable& section, const char* key) {
  std::vector<std::vector<std::string>> commands;
  const toml::node* node = section.any(key);
  if (node == nullptr) return commands;
  constexpr std::string_view fix =
      "must be a list of commands, such as [[\"mkdir\", \"-p\", \"{run}/data\"]]";
  if (!node->is_array()) section.fail(key, fix);
  for (const toml::node& element : *node->as_array()) {
    std::vector<std::string> arguments;
    if (element.is_array())
      for (const toml::node& argument : *element.as_array())
        if (argument.is_string()) arguments.push_back(**argument.as_string());
    if (!element.is_array() || arguments.empty() || arguments.size() != element.as_array()->size())
      section.fail(key, fix);
    commands.push_back(std::move(arguments));
  }
  return commands;
}

LoadPlan::Kind parse_load_kind(StrictTable& section) {
  using Kind = LoadPlan::Kind;
  constexpr std::array kinds = {std::pair{"redis", Kind::redis},     std::pair{"frames", Kind::frames},
                                std::pair{"devices", Kind::devices}, std::pair{"http", Kind::http},
                                std::pair{"command", Kind::command}, std::pair{"none", Kind::none}};
  constexpr const char* known = "\"redis\", \"frames\", \"devices\", \"http\", \"command\" or \"none\"";
  const std::string written = section.required_text("kind", known);
  for (const auto& [name, kind] : kinds)
    if (written == name) return kind;
  section.fail("kind", fmt::format("must be {}", known));
}

void parse_published(StrictTable& traffic, LoadPlan& load) {
  load.commands = traffic.texts("commands").value_or(std::vector<std::string>());
  if (load.commands.empty()) {
    load.channel = traffic.required_text("channel", "\"orders\"");
  } else if (traffic.has("channel")) {
    traffic.fail("channel", "is for messages that are published; leave it out beside commands");
  }
  const bool has_payload = load.commands.empty() ||
                           std::any_of(load.commands.begin(), load.commands.end(), [](const auto& command) {
                             return command.find("{payload}") != std::string::npos;
                           });
  if (!has_payload && traffic.has("payload"))
    traffic.fail("payload", "has no effect: no command has {payload}");
  if (!has_payload) load.payload.clear();
  if (traffic.has("subscribers")) {
    if (!load.commands.empty()) traffic.fail("subscribers", "needs a channel; leave it out beside commands");
    load.subscribers = whole_number(traffic, "subscribers", 1, 10'000);
  }
}

void parse_messages(StrictTable& section, Scenario& scenario) {
  LoadPlan& load = scenario.load;
  const bool redis = load.kind == LoadPlan::Kind::redis;
  if (load.kind == LoadPlan::Kind::frames) load.to = section.text("to").value_or("127.0.0.1:{port}");
  const char* key = redis ? "publish" : "send";
  auto traffic = section.table(key);
  if (!traffic)
    section.fail(key, fmt::format("is missing; write {} = {{ {}rate = \"production\" }}", key,
                                  redis ? "channel = \"orders\", " : ""));
  parse_pace(*traffic, scenario);
  if (load.kind == LoadPlan::Kind::devices && load.closed_depth)
    traffic->fail("closed", "is not for devices; give a rate");
  if (redis) parse_published(*traffic, load);
  traffic->refuse_unknown();
}

Limit parse_limit_entry(StrictTable& limits, const char* key, Metric metric) {
  const auto read = [&](StrictTable& table, const char* name) {
    return table.quantity(name, [&](std::string_view text) { return parse_limit(metric, text); });
  };
  if (!limits.any(key)->is_table()) return *read(limits, key);
  StrictTable both = *limits.table(key);
  auto limit = read(both, "fail");
  if (!limit) limits.fail(key, "needs fail = \"90 MB/day\"");
  if (const auto tolerate = read(both, "tolerate")) limit->tolerate = tolerate->fail;
  both.refuse_unknown();
  if (limit->tolerate >= limit->fail) limits.fail(key, "tolerate must be below fail");
  return *limit;
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
         });
}

Command parse_command(StrictTable& owner) {
  Command command;
  command.arguments = owner.texts("command").value_or(std::vector<std::string>());
  if (command.arguments.empty() || command.arguments[0].empty())
    owner.fail("command", "is missing or empty; write command = [\"program\", \"argument\"]");
  command.working_directory = owner.text("cwd").value_or("");
  if (auto environment = owner.table("env"))
    for (const std::string& name : environment->keys()) command.environment[name] = *environment->text(name);
  return command;
}

void parse_target(StrictTable& top, Target& target) {
  auto section = top.table("target");
  if (!section) top.fail("target", "is missing; write [target] with command = [\"program\", \"argument\"]");
  target.command = parse_command(*section);
  target.ready = parse_readiness(*section);
  parse_stop(*section, target);
  target.setup = parse_commands(*section, "setup");
  target.teardown = parse_commands(*section, "teardown");
  section->refuse_unknown();
}

Service parse_service(StrictTable& section) {
  Service service;
  service.name = section.name();
  constexpr std::array taken = {"target", "bin", "run", "port", "seed", "variant", "compression"};
  if (!is_plain_name(service.name) || std::find(taken.begin(), taken.end(), service.name) != taken.end())
    section.fail("", fmt::format("a service's name holds letters, digits, '-', '_' and '.' and is none of {}",
                                 fmt::join(taken, ", ")));
  const auto kind = section.text("kind");
  const auto url = section.text("url");
  if (kind && *kind != "redis")
    section.fail("kind", "must be \"redis\"; for anything else give command = [...]");
  if (kind.has_value() + url.has_value() + section.has("command") != 1)
    section.fail("kind", "needs exactly one of kind = \"redis\", url = \"redis://...\" and command = [...]");
  if (url) {
    if (!url->starts_with("redis://") && !url->starts_with("unix:"))
      section.fail("url", "must begin with redis:// or unix:");
    service.kind = Service::Kind::url;
    service.url = *url;
  } else if (!kind) {
    service.kind = Service::Kind::command;
    service.command = parse_command(section);
    service.ready = parse_readiness(section);
  }
  section.refuse_unknown();
  return service;
}

void parse_pace(StrictTable& traffic, Scenario& scenario) {
  LoadPlan& load = scenario.load;
  if (const auto rate = traffic.text("rate"); rate && *rate == "production") {
    if (!scenario.settings.operations_per_day)
      traffic.fail("rate", "\"production\" needs [production] operations = \"58k/day\"");
    load.rate_per_s = *scenario.settings.operations_per_day / seconds_per_day * scenario.settings.compression;
  } else {
    load.rate_per_s = traffic.quantity("rate", parse_rate);
  }
  if (traffic.has("closed")) load.closed_depth = whole_number(traffic, "closed", 1, 10'000);
  if (load.rate_per_s.has_value() == load.closed_depth.has_value())
    traffic.fail("rate", "needs either rate = \"20k/s\" (or \"production\") or closed = DEPTH");
  if (load.rate_per_s && !(*load.rate_per_s > 0))
    traffic.fail("rate", "must be above 0; for no load write kind = \"none\"");
  if (const auto arrivals = traffic.text("arrivals")) {
    if (*arrivals != "fixed" && *arrivals != "poisson")
      traffic.fail("arrivals", "must be \"fixed\" or \"poisson\"");
    load.arrivals = *arrivals;
  }
  if (traffic.quantity("shape", parse_rate_shape)) load.shape = *traffic.text("shape");
  if (!load.shape.empty() && !load.rate_per_s)
    traffic.fail("shape", "goes with rate; leave it out with closed");
  if (traffic.quantity("payload", parse_byte_range)) load.payload = *traffic.text("payload");
}

void parse_load(StrictTable& section, Scenario& scenario) {
  LoadPlan& load = scenario.load;
  load.kind = parse_load_kind(section);
  if (load.kind == LoadPlan::Kind::command) {
    parse_load_program(section, load.program);
    return section.refuse_unknown();
  }
  const bool devices = load.kind == LoadPlan::Kind::devices;
  if (devices)
    parse_devices(section, load);
  else
    load.connections = whole_number(section, "connections", 1, 10'000);
  if (const auto seed = section.integer("seed")) {
    if (*seed < 0) section.fail("seed", "must not be negative");
    scenario.seed = static_cast<std::uint64_t>(*seed);
  }
  if (load.kind == LoadPlan::Kind::http)
    parse_http(section, scenario);
  else if (load.kind != LoadPlan::Kind::none && (!devices || section.has("send")))  // they may say nothing
    parse_messages(section, scenario);
  section.refuse_unknown();
}

void parse_evidence(StrictTable& section, EvidencePlan& plan) {
  const auto preset = section.text("preset");
  const auto command = section.texts("command");
  const auto pause = section.boolean("pause");
  if (pause.value_or(false)) plan.looking = Looking::paused;
  if ((preset && command) || (!preset && !command && !pause))
    section.fail("command",
                 "needs either command = [\"program\", \"{pid}\"] or preset = \"jvm\" or \"node\"; pause = "
                 "true may stand alone");
  if (command && (command->empty() || command->front().empty()))
    section.fail("command", "is empty; write command = [\"jcmd\", \"{pid}\", \"GC.class_histogram\"]");
  if (preset && !preset_named(*preset)) section.fail("preset", "must be \"jvm\", \"node\" or \"none\"");
  plan.command = command.value_or(std::vector<std::string>());
  plan.preset = preset ? *preset_named(*preset) : EvidencePlan::Preset::none;
  plan.within_s = section.quantity("within", parse_duration).value_or(plan.within_s);
  if (!(plan.within_s > 0)) section.fail("within", "must be above 0, such as \"30s\"");
  section.refuse_unknown();
}

void parse_limits(StrictTable& limits, JudgeSettings& settings) {
  for (const Metric metric : {Metric::memory, Metric::threads, Metric::descriptors}) {
    const std::string key(name_of(metric));
    if (limits.any(key) != nullptr) settings.limit(metric) = parse_limit_entry(limits, key.c_str(), metric);
  }
  if (limits.has("cpu")) limits.fail("cpu", "has no limit of its own: it is compared with the baseline only");
  limits.refuse_unknown();
}

}  // namespace soakline
