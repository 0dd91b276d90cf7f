// Programs that carry other people's connections: sockets kept open, packets passed on.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void websocket_gateway(Life& life);
void connection_tracker(Life& life);
void conference_server(Life& life);

}  // namespace soakline
