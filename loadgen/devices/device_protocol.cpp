#include "loadgen/devices/device_protocol.hpp"

#include "loadgen/devices/frame_protocol.hpp"
#include "loadgen/devices/mqtt_protocol.hpp"

namespace soakline {

std::unique_ptr<DeviceProtocol> make_device_protocol(const DevicesPlan& plan) {
  if (plan.protocol == DevicesPlan::Protocol::mqtt) return std::make_unique<MqttProtocol>(plan);
  return std::make_unique<FrameProtocol>();
}

}  // namespace soakline
