#include "loadgen/devices/mqtt_packets.hpp"

#include <algorithm>

namespace soakline {
namespace {

// First bytes: the type, and the flags that it must have.
constexpr std::uint8_t connect = 0x10, connack = 0x20, publish = 0x30, puback = 0x40, subscribe = 0x82,
                       suback = 0x90, pingreq = 0xc0, pingresp = 0xd0, disconnect = 0xe0;
constexpr std::uint8_t clean_session = 0x02;
constexpr std::uint8_t protocol_level = 4;
constexpr std::uint8_t subscription_refused = 0x80;

void append_byte(std::string& out, std::uint32_t byte) {
  out.push_back(static_cast<char>(byte & 0xff));
}

void append_number(std::string& out, std::uint32_t number) {
  append_byte(out, number >> 8);
  append_byte(out, number);
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

void append_header(std::string& out, std::uint8_t first, std::size_t length) {
  append_byte(out, first);
  auto left = static_cast<std::uint32_t>(length);
  for (; left > 127; left >>= 7) append_byte(out, left | 0x80);
  append_byte(out, left);
}

Heard malformed(std::string_view why) {
  return {Heard::What::broken, 0, 0, why};
}

bool is_publish(std::uint8_t first) {
  constexpr std::uint8_t type_and_quality = 0xf6;  // neither duplicate nor retained
  return (first & type_and_quality) == publish;
}

// What is wrong with a header whose length is known; empty: nothing.
std::string_view fault_of(std::uint8_t first, std::uint32_t length) {
  if (is_publish(first)) return length >= 2 ? "" : "an MQTT PUBLISH is too short for its topic";
  switch (first) {
    case connack:
    case puback:
      return length == 2 ? "" : "an MQTT CONNACK or PUBACK is not two bytes long";
    case suback:
      return length == 3 ? "" : "an MQTT SUBACK does not answer one topic";
    case pingresp:
      return length == 0 ? "" : "an MQTT PINGRESP is not empty";
    default:
      return "an MQTT packet of a type or with flags that no server may send here";
  }
}

std::string_view refusal_of(std::uint8_t return_code) {
  switch (return_code) {
    case 1:
      return "the server does not speak MQTT 3.1.1";
    case 2:
      return "the server refuses the client id";
    case 3:
      return "the server is not available";
    case 4:
      return "the server wants a user and a password";
    case 5:
      return "the server does not let the device in";
    default:
      return "the server refuses the connection with a code that MQTT 3.1.1 does not know";
  }
}

Heard complete(const PacketState& state) {
  using enum Heard::What;
  const auto& body = state.beginning;
  Heard heard;
  heard.bytes = state.header_bytes + state.length;
  heard.packet_id = static_cast<std::uint16_t>(body[0] << 8 | body[1]);
  switch (state.first) {
    case connack:
      if (body[0] != 0) return malformed("an MQTT CONNACK has a session that was not asked for");
      if (body[1] != 0) return {refusal, 0, heard.bytes, refusal_of(body[1])};
      heard.what = welcome;
      return heard;
    case puback:
      heard.what = message_answer;
      return heard;
    case suback:
      if (body[2] == subscription_refused)
        return {refusal, heard.packet_id, heard.bytes, "the server refuses the subscription"};
      if (body[2] != 0) return malformed("an MQTT SUBACK grants another quality than was asked for");
      heard.what = subscribed;
      return heard;
    case pingresp:
      heard.what = keep_alive_answer;
      return heard;
    default:
      if (heard.packet_id > state.length - 2) return malformed("an MQTT PUBLISH is shorter than its topic");
      heard.what = delivery;
      return heard;
  }
}

// One byte of the header; what is wrong with it, or empty.
std::string_view take_header_byte(std::uint8_t byte, PacketState& state) {
  if (state.header_bytes++ == 0) {
    state.first = byte;
    return "";
  }
  const int shift = 7 * (state.header_bytes - 2);
  state.length |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
  if ((byte & 0x80) != 0)
    return state.header_bytes < 5 ? "" : "an MQTT remaining length goes on after four bytes";
  state.in_body = true;
  state.left = state.length;
  return fault_of(state.first, state.length);
}

}  // namespace

void append_mqtt_connect(std::string& out, std::string_view client_id, std::uint16_t keep_alive_s) {
  append_header(out, connect, 12 + client_id.size());
  append_text(out, "MQTT");
  append_byte(out, protocol_level);
  append_byte(out, clean_session);
  append_number(out, keep_alive_s);
  append_text(out, client_id);
}

void append_mqtt_publish(std::string& out, std::string_view topic, std::string_view payload, int qos,
                         std::uint16_t packet_id) {
  const std::size_t id_bytes = qos > 0 ? 2 : 0;
  append_header(out, static_cast<std::uint8_t>(publish | qos << 1),
                2 + topic.size() + id_bytes + payload.size());
  append_text(out, topic);
  if (qos > 0) append_number(out, packet_id);
  out.append(payload);
}

void append_mqtt_subscribe(std::string& out, std::string_view topic, std::uint16_t packet_id) {
  append_header(out, subscribe, 5 + topic.size());
  append_number(out, packet_id);
  append_text(out, topic);
  append_byte(out, 0);
}

void append_mqtt_pingreq(std::string& out) {
  append_header(out, pingreq, 0);
}

void append_mqtt_disconnect(std::string& out) {
  append_header(out, disconnect, 0);
}

Heard next_mqtt_packet(std::string_view& bytes, PacketState& state) {
  while (!state.in_body) {
    if (bytes.empty()) return {};
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (const auto fault = take_header_byte(byte, state); !fault.empty()) return malformed(fault);
  }
  const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(state.left, bytes.size()));
  const std::uint32_t begin = state.length - state.left;
  for (std::uint32_t i = 0; i < taken && begin + i < state.beginning.size(); ++i)
    state.beginning[begin + i] = static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(taken);
  state.left -= taken;
  if (state.left > 0) return {};
  const Heard heard = complete(state);
  state = {};
  return heard;
}

}  // namespace soakline
