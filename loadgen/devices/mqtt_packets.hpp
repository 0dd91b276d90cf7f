// MQTT 3.1.1 (OASIS, 2014) as a device speaks it: its own packets as bytes, and the server's found in bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loadgen/devices/packet_reading.hpp"

namespace soakline {

// What the four bytes of a remaining length can say, section 2.2.3.
inline constexpr std::uint32_t longest_mqtt_body = 268'435'455;
// What the two bytes before a text can say, section 1.5.3.
inline constexpr std::size_t longest_mqtt_text = 65'535;

// A clean session, no will, no user. Texts must not be longer than longest_mqtt_text; keep-alive 0: none.
void append_mqtt_connect(std::string& out, std::string_view client_id, std::uint16_t keep_alive_s);
// Quality of service 0 or 1; the packet id is written for 1 only and must not be 0.
void append_mqtt_publish(std::string& out, std::string_view topic, std::string_view payload, int qos,
                         std::uint16_t packet_id);
// To be sent at quality 0 by the server, so that nothing of it has to be answered.
void append_mqtt_subscribe(std::string& out, std::string_view topic, std::uint16_t packet_id);
void append_mqtt_pingreq(std::string& out);
void append_mqtt_disconnect(std::string& out);

// Takes bytes from the front until a packet of the server is complete, none are left, or they are not what a
// server may send such a client: another type, flags or length than section 3 allows.
Heard next_mqtt_packet(std::string_view& bytes, PacketState& state);

}  // namespace soakline
