#include "loadgen/devices/own_process.hpp"

#include <sys/resource.h>

#include <fstream>
#include <limits>
#include <string>

namespace soakline {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t resident_bytes() {
  std::ifstream mappings("/proc/self/smaps_rollup");
  for (std::string word; mappings >> word;)
    if (std::int64_t kib = 0; word == "Rss:" && mappings >> kib) return kib * 1024;
  return 0;
}

}  // namespace soakline
