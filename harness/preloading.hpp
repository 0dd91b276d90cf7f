// Whether the loader will put a library of ours into a program.
#pragma once

#include <string>

#include "harness/scenario.hpp"

namespace soakline {

// Why not, as the end of a sentence that begins with the program: "is statically linked". Empty where it
// will, or where that cannot be told: scripts have whatever their interpreter is.
std::string why_not_preloaded(const Command& command);

}  // namespace soakline
