#include "loadgen/devices/outages.hpp"

#include <algorithm>

namespace soakline {

Outages::Outages(std::uint32_t devices) : gone_ns_(devices, never_up), in_storm_(devices) {}

void Outages::gone(std::uint32_t device, std::int64_t now_ns) {
  if (gone_ns_[device] != up) return;
  gone_ns_[device] = now_ns;
  --connected_;
}

void Outages::back(std::uint32_t device, std::int64_t now_ns) {
  if (gone_ns_[device] >= 0) reconnects_.record(now_ns - gone_ns_[device]);
  gone_ns_[device] = up;
  ++connected_;
  if (!in_storm_[device]) return;
  in_storm_[device] = false;
  if (--missing_ == 0) end_storm(now_ns);
}

void Outages::storm(std::span<const std::uint32_t> devices, std::int64_t now_ns) {
  ++storms_;
  if (missing_ == 0) storm_began_ns_ = now_ns;
  for (const std::uint32_t device : devices) {
    if (in_storm_[device]) continue;
    in_storm_[device] = true;
    ++missing_;
  }
}

void Outages::end(std::int64_t now_ns) {
  for (const std::int64_t gone_ns : gone_ns_)
    if (gone_ns >= 0) reconnects_.record(now_ns - gone_ns);
  if (missing_ > 0) end_storm(now_ns);
}

void Outages::end_storm(std::int64_t now_ns) {
  slowest_storm_ns_ = std::max(slowest_storm_ns_, now_ns - storm_began_ns_);
}

}  // namespace soakline
