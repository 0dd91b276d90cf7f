// Forwards connections to a server and, on the word of its parent, does to them what goes wrong on wires.
#pragma once

#include <functional>
#include <string>

#include "loadgen/wire/wire_link.hpp"

namespace soakline {

// Listens, says {"listening": ADDRESS}, and carries out the faults that stand on lines of standard input, one
// at a time; when one is over it says {"id": ID, "kind": KIND, "connections": .., "bytes": .., "messages":
// ..}, or {"id": ID, "error": WHY}. {"end": true} ends it before its time. Returns when standard input ends.
// std::runtime_error when it cannot listen.
void run_wire(const WirePlan& plan, const std::function<void(std::string)>& say);

}  // namespace soakline
