// Programs that gather much and let it go together, or scatter what they allocate.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void log_rotation(Life& life);
void fragmentation(Life& life);
void compaction_regular(Life& life);
void compaction_irregular(Life& life);
void heavy_tail_bursts(Life& life);
void plugins(Life& life);
void batch_jobs(Life& life);
void documents(Life& life);
void big_buffers(Life& life);

}  // namespace soakline
