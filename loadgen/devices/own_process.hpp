// What the kernel says of this process.
#pragma once

#include <cstdint>

namespace soakline {

// User and system time, all threads.
double cpu_seconds();

// Resident memory, exact: the cheaper count of /proc/self/statm may be off by half a megabyte.
std::int64_t resident_bytes();

}  // namespace soakline
