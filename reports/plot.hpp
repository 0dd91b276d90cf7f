// Draws figures with gnuplot as SVG for a page: one drawing for wide screens and paper, one for phones.
#pragma once

#include <string>
#include <vector>

#include "reports/figure.hpp"

namespace soakline {

struct Plot {
  std::string wide, narrow;  // inline SVG; CSS shows one of them
  std::string error;         // why there is none
};

// One a figure, in their order. Never throws for gnuplot's sake: where it is missing or fails, `error` says
// so.
std::vector<Plot> draw(const std::vector<Figure>& figures, const std::string& gnuplot = "gnuplot");

}  // namespace soakline
