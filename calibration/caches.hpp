// Programs that hold what they may need again.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void cache_fill(Life& life);
void ttl_cache(Life& life);
void session_store(Life& life);
void slow_cache(Life& life);
void slow_fill(Life& life);
void long_fill(Life& life);
void interning(Life& life);
void pool_prefill(Life& life);

}  // namespace soakline
