// Frames of 4 bytes of length, the highest first, and a payload, each echoed: messages, and two of our own.
#pragma once

#include "loadgen/devices/device_protocol.hpp"

namespace soakline {

// The greeting is a frame "open" and the keep-alive a frame "ping"; no payload of a message is either.
class FrameProtocol final : public DeviceProtocol {
 public:
  void append_greeting(std::string& out, std::uint32_t device) const override;
  bool subscribes(std::uint32_t) const override { return false; }
  void append_subscription(std::string&, std::uint32_t) const override {}
  void append_keep_alive(std::string& out) const override;
  void append_message(std::string& out, std::uint32_t device, std::uint16_t packet_id,
                      std::string_view payload) const override;
  void append_farewell(std::string&) const override {}
  bool answers_messages() const override { return true; }
  Heard next(std::string_view& bytes, PacketState& state) const override;
};

}  // namespace soakline
