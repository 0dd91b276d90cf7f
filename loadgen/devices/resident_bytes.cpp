#include "loadgen/devices/resident_bytes.hpp"

#include <fstream>
#include <string>

namespace soakline {

std::int64_t resident_bytes() {
  std::ifstream mappings("/proc/self/smaps_rollup");
  for (std::string word; mappings >> word;)
    if (std::int64_t kib = 0; word == "Rss:" && mappings >> kib) return kib * 1024;
  return 0;
}

}  // namespace soakline
