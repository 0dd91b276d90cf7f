// The load of kind devices: as the scenario file has it, as soakline-load takes it, and what it has done.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/scenario.hpp"
#include "harness/strict_table.hpp"

namespace soakline {

// Every key of [load] but kind, connections, seed and send.
void parse_devices(StrictTable& section, LoadPlan& load);

// What is the devices' own: who they are and what they do; not their number, nor what they send.
std::vector<std::string> devices_arguments(const DeviceLoad& devices);

// For people, and to tell whether two runs had the same load.
std::string devices_text(const LoadPlan& load);

// What a line of progress says was done and failed. Devices that send nothing are at work by being let in and
// by keeping themselves alive; connections lost or refused are failures of either.
struct DeviceWork {
  double operations, failures;
};
DeviceWork device_work(const nlohmann::json& progress, bool sends);

}  // namespace soakline
