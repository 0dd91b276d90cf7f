// The account of a run of devices: that of its messages, and what became of the connections.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/devices/devices_run.hpp"

namespace soakline {

// As in load_report.hpp, with `devices` beside the rest.
std::string progress_json(double t_s, bool idle, const LoadResult& result, const Fleet& fleet);
std::string result_json(const DevicesResult& result, std::uint64_t seed);
std::string result_text(const DevicesResult& result, std::uint64_t seed);

}  // namespace soakline
