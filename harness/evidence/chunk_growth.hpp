// The sizes of heap chunks that became more while a run was judged, by the walks that it recorded.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/judge/recording.hpp"

namespace soakline {

struct GrownClass {
  std::size_t number = 0;  // of chunk_classes()
  double chunk_bytes = 0;  // at most
  double chunks = 0;       // more of them
  double per_day = 0;      // bytes
};

// From the first quarter of the time to the last, largest first; what comes and goes has no part in it.
std::vector<GrownClass> grown_classes(const Recording& recording, double from_s, double to_s,
                                      double compression);

}  // namespace soakline
