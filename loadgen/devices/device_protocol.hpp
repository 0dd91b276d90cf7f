// What devices and their server say to each other: one object for all devices, each with its own PacketState.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "loadgen/devices/devices_plan.hpp"
#include "loadgen/devices/packet_reading.hpp"

namespace soakline {

class DeviceProtocol {
 public:
  virtual ~DeviceProtocol() = default;

  // What a device says first; it counts as connected when the server has answered.
  virtual void append_greeting(std::string& out, std::uint32_t device) const = 0;
  // Whether that device has a subscription to make before it counts as connected.
  virtual bool subscribes(std::uint32_t device) const = 0;
  virtual void append_subscription(std::string& out, std::uint32_t device) const = 0;
  virtual void append_keep_alive(std::string& out) const = 0;
  virtual void append_message(std::string& out, std::uint32_t device, std::uint16_t packet_id,
                              std::string_view payload) const = 0;
  // What a device says last when it leaves as it should; may be nothing.
  virtual void append_farewell(std::string& out) const = 0;

  // Otherwise a message is done with once it is written.
  virtual bool answers_messages() const = 0;
  // Takes bytes from the front until a packet is complete.
  virtual Heard next(std::string_view& bytes, PacketState& state) const = 0;
};

std::unique_ptr<DeviceProtocol> make_device_protocol(const DevicesPlan& plan);

}  // namespace soakline
