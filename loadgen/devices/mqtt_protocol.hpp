// Devices as clients of an MQTT 3.1.1 server: CONNECT, SUBSCRIBE, PUBLISH at quality 0 or 1, PINGREQ.
#pragma once

#include "loadgen/devices/device_protocol.hpp"

namespace soakline {

class MqttProtocol final : public DeviceProtocol {
 public:
  explicit MqttProtocol(const DevicesPlan& plan);

  void append_greeting(std::string& out, std::uint32_t device) const override;
  bool subscribes(std::uint32_t device) const override { return device < subscribers_; }
  void append_subscription(std::string& out, std::uint32_t device) const override;
  void append_keep_alive(std::string& out) const override;
  void append_message(std::string& out, std::uint32_t device, std::uint16_t packet_id,
                      std::string_view payload) const override;
  void append_farewell(std::string& out) const override;
  bool answers_messages() const override { return qos_ > 0; }
  Heard next(std::string_view& bytes, PacketState& state) const override;

 private:
  // {device} is the device's number.
  std::string_view named(const std::string& pattern, std::uint32_t device) const;

  std::string client_id_, topic_;
  std::uint32_t subscribers_;
  std::uint16_t keep_alive_s_;
  int qos_;
  mutable std::string name_;  // the last one made; kept for its memory
};

}  // namespace soakline
