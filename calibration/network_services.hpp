// Programs that a network is run with: mail, names, calls.
#pragma once

#include "calibration/life.hpp"

namespace soakline {

void mail_relay(Life& life);
void dns_resolver(Life& life);
void sip_registrar(Life& life);

}  // namespace soakline
