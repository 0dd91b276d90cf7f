// Programs that many clients talk to, or to each other through.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void reverse_proxy(Life& life);
void message_broker(Life& life);
void chat_server(Life& life);
void json_rpc(Life& life);

}  // namespace soakline
