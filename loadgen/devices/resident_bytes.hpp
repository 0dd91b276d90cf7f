// How much memory this process has.
#pragma once

#include <cstdint>

namespace soakline {

// Resident, exact: the cheaper count of /proc/self/statm may be off by half a megabyte. 0 where there is no
// /proc.
std::int64_t resident_bytes();

}  // namespace soakline
