// The flags of the kind devices.
#pragma once

#include <string>

#include "loadgen/devices/devices_plan.hpp"
#include "loadgen/option_reading.hpp"

namespace soakline {

class DevicesOptions {
 public:
  explicit DevicesOptions(CLI::App& app);

  bool chosen() const;
  // UsageError.
  DevicesPlan plan() const;
  Output output() const { return common_.output(); }

 private:
  void read_protocol(DevicesPlan& plan) const;
  void read_messages(DevicesPlan& plan) const;
  void read_churn(DevicesPlan& plan) const;
  void require_ports_and_descriptors(const DevicesPlan& plan) const;

  CLI::App* command_;
  CommonFlags common_;
  std::string protocol_ = "frames", keep_alive_ = "30s", payload_, churn_, storm_, close_ = "fin";
  std::string topic_ = DevicesPlan{}.topic, client_id_ = DevicesPlan{}.client_id;
  std::uint32_t connecting_ = DevicesPlan{}.connecting, subscribers_ = 0;
  std::size_t backlog_ = DevicesPlan{}.backlog;
  int qos_ = 0;
};

}  // namespace soakline
