// Programs that engineers work with: what ships their logs, knows their code and gathers their traces.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void log_shipper(Life& life);
void language_server(Life& life);
void trace_collector(Life& life);

}  // namespace soakline
