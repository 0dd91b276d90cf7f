// Programs that choose or make what people look at: advertisements, pages, streams.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void ad_bidder(Life& life);
void pdf_renderer(Life& life);
void stream_packager(Life& life);

}  // namespace soakline
