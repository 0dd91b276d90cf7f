// What a run of devices shall do, as read from its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/load_plan.hpp"
#include "units/storm_plan.hpp"

namespace soakline {

// How a device that leaves ends its connection: fin as a program that closes it does, and its port stays in
// TIME_WAIT for a minute; reset as one that lost its network does, which frees the port at once.
enum class Closing { fin, reset };

struct DevicesPlan {
  enum class Protocol { frames, mqtt } protocol = Protocol::frames;
  Address to;
  std::uint32_t connections = 1;
  std::uint32_t connecting = 48;  // at once: the shortest queue of a common listener holds 50
  double keep_alive_s = 30;       // 0: none is sent
  Closing closing = Closing::fin;
  std::optional<Pace> messages;  // open loop, over all devices; nothing: none are sent
  ByteRange payload{64, 64};
  double churn_per_s = 0;
  std::optional<StormPlan> storms;
  double time_s = 10;
  std::uint64_t seed = 7;
  std::size_t backlog = 1'000'000;  // messages that may wait or be unanswered, over all devices

  // MQTT
  int qos = 0;
  std::uint32_t subscribers = 0;  // the first so many devices
  std::string topic = "devices/{device}";
  std::string client_id = "soakline{device}";
};

}  // namespace soakline
