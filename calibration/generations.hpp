// Programs whose contents are replaced many at once: by the next match or deployment.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void game_server(Life& life);
void metrics_agent(Life& life);

}  // namespace soakline
