// Programs whose objects lie on a collected heap of their own.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void collected_regular(Life& life);
void collected_generational(Life& life);
void collected_late(Life& life);

}  // namespace soakline
