#include "loadgen/devices/mqtt_protocol.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "loadgen/devices/mqtt_packets.hpp"

namespace soakline {
namespace {

constexpr std::string_view placeholder = "{device}";
// One subscription a connection, in flight before any message is: this id cannot be another's.
constexpr std::uint16_t subscription_id = 65'535;

}  // namespace

MqttProtocol::MqttProtocol(const DevicesPlan& plan)
    : client_id_(plan.client_id),
      topic_(plan.topic),
      subscribers_(plan.subscribers),
      keep_alive_s_(static_cast<std::uint16_t>(std::ceil(plan.keep_alive_s))),
      qos_(plan.qos) {}

std::string_view MqttProtocol::named(const std::string& pattern, std::uint32_t device) const {
  name_ = pattern;
  if (const auto at = name_.find(placeholder); at != std::string::npos) {
    const fmt::format_int number(device);
    name_.replace(at, placeholder.size(), number.data(), number.size());
  }
  return name_;
}

void MqttProtocol::append_greeting(std::string& out, std::uint32_t device) const {
  append_mqtt_connect(out, named(client_id_, device), keep_alive_s_);
}

void MqttProtocol::append_subscription(std::string& out, std::uint32_t device) const {
  append_mqtt_subscribe(out, named(topic_, device), subscription_id);
}

void MqttProtocol::append_keep_alive(std::string& out) const {
  append_mqtt_pingreq(out);
}

void MqttProtocol::append_message(std::string& out, std::uint32_t device, std::uint16_t packet_id,
                                  std::string_view payload) const {
  append_mqtt_publish(out, named(topic_, device), payload, qos_, packet_id);
}

void MqttProtocol::append_farewell(std::string& out) const {
  append_mqtt_disconnect(out);
}

Heard MqttProtocol::next(std::string_view& bytes, PacketState& state) const {
  return next_mqtt_packet(bytes, state);
}

}  // namespace soakline
