// How often the judge of allocation sites is right, over simulated programs, as tables in Markdown.
#pragma once

#include <string>

namespace soakline {

struct SiteTrials {
  unsigned first_seed = 1;
  std::size_t clean = 3000, leaking = 300;  // programs of all kinds together, and with each leak at each rate
  bool by_kind = false, each = false;
};

std::string calibrate_sites(const SiteTrials& trials);

}  // namespace soakline
