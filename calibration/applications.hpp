// Programs that compute or fetch an answer: web pages, predictions, artifacts of builds.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void graphql_application(Life& life);
void inference_server(Life& life);
void artifact_proxy(Life& life);

}  // namespace soakline
