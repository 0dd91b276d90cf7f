// Programs that hold what they may need again.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void cache_fill(Life& life);
void log_rotation(Life& life);

}  // namespace soakline
