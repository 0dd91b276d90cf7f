// All that the seed decides of a run of devices, in the order of time: messages, churns and storms. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/random/uniform_int_distribution.hpp>

#include "loadgen/devices/devices_plan.hpp"
#include "loadgen/payload.hpp"
#include "loadgen/stream_hash.hpp"

namespace soakline {

struct DeviceEvent {
  enum class Kind { message, churn, storm } kind = Kind::message;
  std::int64_t due_ns = 0;
  std::uint32_t device = 0;  // of a message or a churn
  // Both valid until the next event.
  std::string_view payload;                // of a message
  std::span<const std::uint32_t> devices;  // of a storm: no two alike
};

class DeviceTimeline {
 public:
  explicit DeviceTimeline(const DevicesPlan& plan);

  // When the next event is due, ns after the start; INT64_MAX where none will ever be.
  std::int64_t due_ns() const;
  // Takes it, and adds it to the hash.
  DeviceEvent next();
  std::string hash() const { return hash_.text(); }

 private:
  std::int64_t message_due_ns() const;
  std::int64_t churn_due_ns() const;
  DeviceEvent next_message();
  DeviceEvent next_churn();
  DeviceEvent next_storm();
  void enter(const DeviceEvent& event);

  boost::random::uniform_int_distribution<std::uint32_t> device_;
  std::optional<Schedule> messages_, churns_;
  std::optional<StormPlan> storms_;
  Payload payload_;
  Random message_random_, device_random_, churn_random_, storm_random_;
  std::string bytes_;
  std::uint64_t sequence_ = 0;  // of messages: stamped as if one had published them all
  std::int64_t storm_due_ns_;
  std::vector<std::uint32_t> order_;  // of all devices, shuffled further by each storm
  StreamHash hash_;
};

}  // namespace soakline
