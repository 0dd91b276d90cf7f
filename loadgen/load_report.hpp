// The account of a run as JSON lines, and as a few lines for people.
#pragma once

#include <cstdint>
#include <string>

#include "loadgen/load_run.hpp"

namespace soakline {

// One line each, without the line end. A latency of which there is no sample is null.
std::string progress_json(double t_s, bool idle, const LoadResult& result);
std::string result_json(const LoadResult& result, std::uint64_t seed);

std::string result_text(const LoadResult& result, std::uint64_t seed);

}  // namespace soakline
