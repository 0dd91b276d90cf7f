// Programs that hold data and look things up in it.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void image_cache(Life& life);
void hash_joins(Life& life);
void search_index(Life& life);

}  // namespace soakline
