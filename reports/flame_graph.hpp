// What survives, by the calls that led to it: a flame graph as SVG that needs no script.
#pragma once

#include <string>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// Outermost calls at the top, the width of each its share of the drift; "" where no evidence has stacks.
std::string flame_graph(const std::vector<Evidence>& evidence);

}  // namespace soakline
