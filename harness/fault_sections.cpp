#include "harness/fault_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

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

void parse_times(StrictTable& section, const Scenario& scenario, FaultPlan& plan) {
  section.required_text("at", "\"2m\", the time since the target was ready");
  plan.at_s = duration(section, "at", 0);
  plan.every_s = section.quantity("every", parse_duration);
  plan.jitter_s = duration(section, "jitter", 0);
  plan.for_s = duration(section, "for", 0);
  plan.recover_s = duration(section, "recover", 0);
  if (plan.kind == FaultKind::stop && !(plan.for_s > 0))
    section.fail("for", "is missing: how long it stays stopped, such as \"5s\"");
  if (plan.kind == FaultKind::client_kill && section.has("for"))
    section.fail("for", "has no meaning here: connections are killed at once");
  if (!plan.every_s) return;
  if (!(*plan.every_s > plan.for_s + plan.jitter_s) || !(*plan.every_s >= 0.001))
    section.fail("every", "must be longer than for and jitter together, and at least 1ms");
  if (scenario.settings.time_s / *plan.every_s > most_occurrences)
    section.fail("every", fmt::format("makes more than {:.0f} faults", most_occurrences));
}

FaultPlan parse_fault(StrictTable& section, const Scenario& scenario) {
  constexpr std::string_view known = "\"stop\", \"kill\", \"restart\" or \"client-kill\"";
  FaultPlan plan;
  const auto kind = fault_kind_named(section.required_text("kind", known));
  if (!kind) section.fail("kind", fmt::format("must be {}", known));
  plan.kind = *kind;
  plan.on = section.required_text("on", "\"redis\", the service");
  parse_times(section, scenario, plan);
  if (plan.kind == FaultKind::client_kill)
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
