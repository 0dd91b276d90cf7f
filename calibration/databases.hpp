// Programs that keep data, and order the access to it: stores, poolers, exchanges.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void key_value_store(Life& life);
void connection_pooler(Life& life);
void matching_engine(Life& life);

}  // namespace soakline
