// Programs that wait for timers, requests and clients.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void agent(Life& life);
void server(Life& life);
void wave(Life& life);
void daily_rhythm(Life& life);
void connection_storms(Life& life);
void long_sessions(Life& life);
void elastic_pool(Life& life);
void queue_backlog(Life& life);
void steps(Life& life);

}  // namespace soakline
