#include "harness/fault_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/placeholders.hpp"
#include "harness/wires.hpp"

namespace soakline {
namespace {

constexpr double most_occurrences = 100'000;

const Service* service_named(const Scenario& scenario, std::string_view name) {
  const auto found = std::find_if(scenario.services.begin(), scenario.services.end(),
                                  [=](const Service& service) { return service.name == name; });
  return found == scenario.services.end() ? nullptr : &*found;
}

std::string known_services(const Scenario& scenario) {
  std::string names;
  for (const Service& service : scenario.services) names += (names.empty() ? "" : ", ") + service.name;
  return names.empty() ? "there is none" : "there are: " + names;
}

const Service& required_service(StrictTable& section, const Scenario& scenario, const FaultPlan& plan) {
  const Service* service = service_named(scenario, plan.on);
  if (service == nullptr)
    section.fail("on", fmt::format("'{}' is no service that a {} can be on; {}", plan.on, name_of(plan.kind),
                                   known_services(scenario)));
  return *service;
}

// A process is stopped, killed or restarted by whoever started it.
void check_process(StrictTable& section, const Scenario& scenario, const FaultPlan& plan) {
  if (plan.kind == FaultKind::stop && plan.on == "target") return;
  if (required_service(section, scenario, plan).kind == Service::Kind::url)
    section.fail("on", fmt::format("'{}' is a url: soakline did not start it and cannot {} it", plan.on,
                                   name_of(plan.kind)));
}

void parse_clients(StrictTable& section, const Scenario& scenario, FaultPlan& plan) {
  if (required_service(section, scenario, plan).kind == Service::Kind::command)
    section.fail("on", fmt::format("'{}' is no redis; client-kill needs kind = \"redis\" or a url", plan.on));
  const std::string type = section.required_text("type", "\"normal\" or \"pubsub\"");
  if (type != "normal" && type != "pubsub") section.fail("type", "must be \"normal\" or \"pubsub\"");
  plan.parameters["type"] = type;
}

double duration(StrictTable& section, const char* key, double otherwise) {
  return section.quantity(key, parse_duration).value_or(otherwise);
}

// How long it lasts: some kinds need that, one has no length.
void check_length(StrictTable& section, const FaultPlan& plan) {
  const bool of_a_moment = plan.kind == FaultKind::client_kill || plan.kind == FaultKind::half_close;
  if (of_a_moment && section.has("for"))
    section.fail("for", fmt::format("has no meaning here: a {} happens at once", name_of(plan.kind)));
  const bool lasts = plan.kind == FaultKind::stop || plan.kind >= FaultKind::no_answer;
  if (lasts && !(plan.for_s > 0)) section.fail("for", "is missing: how long it lasts, such as \"5s\"");
}

void parse_times(StrictTable& section, const Scenario& scenario, FaultPlan& plan) {
  section.required_text("at", "\"2m\", the time since the target was ready");
  plan.at_s = duration(section, "at", 0);
  plan.every_s = section.quantity("every", parse_duration);
  plan.jitter_s = duration(section, "jitter", 0);
  plan.for_s = duration(section, "for", 0);
  plan.recover_s = duration(section, "recover", 0);
  check_length(section, plan);
  if (!plan.every_s) return;
  if (!(*plan.every_s > plan.for_s + plan.jitter_s) || !(*plan.every_s >= 0.001))
    section.fail("every", "must be longer than for and jitter together, and at least 1ms");
  if (scenario.settings.time_s / *plan.every_s > most_occurrences)
    section.fail("every", fmt::format("makes more than {:.0f} faults", most_occurrences));
}

bool told_of(const Command& command, std::string_view service) {
  const auto wanted = fmt::format("{{{}}}", service);
  return mentions(command, service) ||
         std::any_of(command.environment.begin(), command.environment.end(),
                     [&](const auto& variable) { return variable.second.find(wanted) != std::string::npos; });
}

// A client that is not told the server's address by us would go past the proxy.
void check_link(StrictTable& section, const Scenario& scenario, const FaultPlan& plan) {
  const auto link = link_named(plan.on);
  if (!link || (link->from != "target" && link->from != "load"))
    section.fail("on",
                 fmt::format("'{}' is no link, which a {} is on; write \"target->redis\", \"load->redis\" "
                             "or \"load->target\"",
                             plan.on, name_of(plan.kind)));
  const LoadPlan::Kind load = scenario.load.kind;
  if (link->from == "load") {
    const char* goes_to = load == LoadPlan::Kind::redis    ? "redis"
                          : load == LoadPlan::Kind::frames ? "target"
                                                           : "";
    if (link->to != goes_to)
      section.fail("on", *goes_to == '\0' ? std::string("there is no [load] to be on the way of")
                                          : fmt::format("the load goes to \"load->{}\"", goes_to));
  } else if (service_named(scenario, link->to) == nullptr) {
    section.fail("on", fmt::format("'{}' is no service; {}", link->to, known_services(scenario)));
  } else if (!told_of(scenario.target.command, link->to)) {
    section.fail("on", fmt::format("the target is not told of {0}: its command and env do not hold {{{0}}}",
                                   link->to));
  }
}

template <class Parse>
double required(StrictTable& section, const char* key, const char* example, Parse parse) {
  section.required_text(key, example);
  const double value = *section.quantity(key, parse);
  if (!(value > 0)) section.fail(key, fmt::format("must be above 0, such as {}", example));
  return value;
}

double parse_bytes_per_s(std::string_view text) {
  return parse_byte_drift(text) / seconds_per_day;
}

void parse_share(StrictTable& section, const Scenario& scenario, FaultPlan& plan) {
  const std::string server = link_named(plan.on)->to;
  if (server != "target" && service_named(scenario, server)->kind == Service::Kind::command)
    section.fail("kind",
                 fmt::format("messages to and from '{}' are not understood; those of a redis and of a load "
                             "of frames are",
                             server));
  const auto share = section.number("share");
  if (!share || !(*share > 0 && *share <= 1))
    section.fail("share", "is needed: of all messages, above 0 and up to 1, such as 0.01");
  plan.parameters["share"] = *share;
}

void parse_link(StrictTable& section, const Scenario& scenario, FaultPlan& plan) {
  check_link(section, scenario, plan);
  switch (plan.kind) {
    case FaultKind::half_close: {
      const std::string direction = section.text("direction").value_or("to-client");
      if (direction != "to-client" && direction != "to-server")
        section.fail("direction", "must be \"to-client\" or \"to-server\"");
      plan.parameters["direction"] = direction;
      return;
    }
    case FaultKind::delay:
      plan.parameters["delay_s"] = required(section, "delay", "\"200ms\"", parse_duration);
      return;
    case FaultKind::tear:
      plan.parameters["piece_bytes"] = required(section, "piece", "\"1 B\"", parse_bytes);
      plan.parameters["pause_s"] =
          section.has("pause") ? required(section, "pause", "\"1ms\"", parse_duration) : 0.001;
      return;
    case FaultKind::cap:
    case FaultKind::slow_read:
      plan.parameters["bytes_per_s"] = required(section, "rate", "\"10 kB/s\"", parse_bytes_per_s);
      return;
    case FaultKind::lose:
    case FaultKind::duplicate:
    case FaultKind::corrupt:
      return parse_share(section, scenario, plan);
    default:
      return;
  }
}

FaultPlan parse_fault(StrictTable& section, const Scenario& scenario) {
  FaultPlan plan;
  const auto kind = fault_kind_named(section.required_text("kind", "\"restart\""));
  if (!kind) section.fail("kind", fmt::format("is none of {}", fmt::join(fault_kind_names(), ", ")));
  plan.kind = *kind;
  plan.on = section.required_text(
      "on", is_of_links(*kind) ? "\"target->redis\", the link" : "\"redis\", the service");
  parse_times(section, scenario, plan);
  if (is_of_links(*kind))
    parse_link(section, scenario, plan);
  else if (plan.kind == FaultKind::client_kill)
    parse_clients(section, scenario, plan);
  else
    check_process(section, scenario, plan);
  section.refuse_unknown();
  return plan;
}

}  // namespace

void parse_faults(StrictTable& top, Scenario& scenario) {
  for (StrictTable& section : top.listed("faults")) scenario.faults.push_back(parse_fault(section, scenario));
}

}  // namespace soakline
