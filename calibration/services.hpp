// Programs that wait for timers and requests.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void agent(Life& life);
void server(Life& life);
void wave(Life& life);

}  // namespace soakline
