// A program as its allocation sites: which blocks each bears that live for a while, and what the agent would
// count of them. Invented, without an allocator: thousands of programs a minute.
#pragma once

#include <functional>
#include <vector>

#include "calibration/chance.hpp"
#include "harness/judge/recording.hpp"

namespace soakline {

struct SimulatedSite {
  double block_bytes = 80;
  std::vector<Lifetime> blocks;
};

// Load that comes and goes; it is always there where the period is 0.
struct LoadCycle {
  double period_s = 0, share_on = 1;

  bool is_on(double time_s) const;
  double operations(double time_s) const;  // since 0, at 1,000 a second while there is load
};

struct SimulatedProgram {
  double time_s;  // how long it is watched
  double age_s;
  LoadCycle load;
  std::vector<SimulatedSite> sites;

  // What the agent counts and a run records, every sixth of the age.
  Recording recording() const;
};

// Births of a Poisson process, at most `most_per_s`, thinned to rate(t), from `from_s` on; each lives until
// death(its birth).
using Rate = std::function<double(double time_s)>;
using Death = std::function<double(double born_s)>;
void bear(SimulatedSite& site, Chance& chance, double from_s, double to_s, double most_per_s,
          const Rate& rate, const Death& death);

}  // namespace soakline
