#include "harness/device_load.hpp"

#include <fmt/format.h>

#include "units/storm_plan.hpp"

namespace soakline {
namespace {

constexpr double longest_mqtt_keep_alive_s = 65'535;
constexpr int most_devices = 1'000'000;

int count(StrictTable& section, const char* key, int least, int most, int otherwise) {
  const auto value = section.integer(key);
  if (value && (*value < least || *value > most))
    section.fail(key, fmt::format("must be between {} and {}", least, most));
  return static_cast<int>(value.value_or(otherwise));
}

void parse_mqtt(StrictTable& section, const LoadPlan& load, DeviceLoad& devices) {
  devices.qos = count(section, "qos", 0, 1, 0);
  devices.subscribers = count(section, "subscribers", 0, load.connections, 0);
  devices.topic = section.text("topic").value_or("");
  if (devices.topic.find_first_of("+#") != std::string::npos)
    section.fail("topic", "is published to, and so must not hold + or #");
}

}  // namespace

void parse_devices(StrictTable& section, LoadPlan& load) {
  DeviceLoad& devices = load.devices;
  load.connections = count(section, "connections", 1, most_devices, 1);
  load.to = section.text("to").value_or("127.0.0.1:{port}");
  devices.protocol = section.text("protocol").value_or(devices.protocol);
  if (devices.protocol != "frames" && devices.protocol != "mqtt")
    section.fail("protocol", "must be \"frames\" or \"mqtt\"");
  if (const auto seconds = section.quantity("keep_alive", parse_duration)) {
    if (devices.protocol == "mqtt" && *seconds > longest_mqtt_keep_alive_s)
      section.fail("keep_alive", "must be at most 65535s with MQTT");
    devices.keep_alive = *section.text("keep_alive");
  }
  if (const auto rate = section.quantity("churn", parse_rate)) {
    if (!(*rate > 0)) section.fail("churn", "must be above 0; leave it out for none");
    devices.churn = *section.text("churn");
  }
  if (const auto storm = section.quantity("storm", parse_storm_plan)) {
    if (storm->devices > static_cast<std::uint32_t>(load.connections))
      section.fail("storm", "must not drop more devices than there are connections");
    devices.storm = *section.text("storm");
  }
  if (const auto close = section.text("close")) {
    if (*close != "fin" && *close != "reset") section.fail("close", "must be \"fin\" or \"reset\"");
    devices.close = *close;
  }
  if (devices.protocol == "mqtt") parse_mqtt(section, load, devices);
}

std::vector<std::string> devices_arguments(const DeviceLoad& devices) {
  std::vector<std::string> arguments = {"--protocol", devices.protocol, "--keep-alive", devices.keep_alive};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
  };
  add("--churn", devices.churn);
  add("--storm", devices.storm);
  add("--close", devices.close);
  if (devices.protocol != "mqtt") return arguments;
  add("--qos", std::to_string(devices.qos));
  add("--subscribers", std::to_string(devices.subscribers));
  add("--topic", devices.topic);
  return arguments;
}

std::string devices_text(const LoadPlan& load) {
  std::string text = fmt::format("devices × {} connections", load.connections);
  for (const std::string& argument : devices_arguments(load.devices))
    text += argument.starts_with("--") ? ", " + argument.substr(2) : " " + argument;
  if (load.rate_per_s)
    text += fmt::format(", {:.4g}/s {}, {}", *load.rate_per_s, load.arrivals, load.payload);
  return text;
}

DeviceWork device_work(const nlohmann::json& progress, bool sends) {
  const nlohmann::json devices = progress.value("devices", nlohmann::json::object());
  const auto number = [&](const char* name) { return devices.value(name, 0.0); };
  const double alive = number("connects") + number("keep_alives") - number("keep_alives_unanswered");
  return {sends ? progress.value("answered", 0.0) : alive,
          progress.value("failed", 0.0) + number("lost") + number("refused")};
}

}  // namespace soakline
