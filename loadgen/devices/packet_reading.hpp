// What a device may hear from its server, whichever protocol they speak.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace soakline {

struct Heard {
  enum class What : std::uint8_t {
    more,  // the bytes are used up, no packet is complete
    welcome,
    subscribed,
    keep_alive_answer,
    message_answer,
    delivery,  // a message that this device is subscribed to
    refusal,   // of the connection or the subscription
    broken     // not this protocol: nothing after it can be read
  };
  What what = What::more;
  std::uint16_t packet_id = 0;  // of a message's answer, MQTT
  std::uint32_t bytes = 0;      // of the packet
  std::string_view why;         // of a refusal or a broken stream; static
};

// Where a device's stream of packets stands between two reads: all that is kept of it.
struct PacketState {
  std::array<unsigned char, 4> beginning{};  // of the body
  std::uint32_t length = 0;                  // of the body
  std::uint32_t left = 0;                    // of the body, yet to come
  std::uint8_t header_bytes = 0;             // seen so far
  std::uint8_t first = 0;                    // byte of an MQTT packet: type and flags
  bool in_body = false;
};

}  // namespace soakline
