// The places in the code whose blocks stay alive: which of them to take stacks of while a run goes on, and
// what is to be told of those that the judge blames, stack by stack.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "harness/live_heap.hpp"
#include "harness/run_record.hpp"

namespace soakline {

// What was born at a site during the time that is judged, and has reached the age.
struct SiteGrowth {
  int pid = 0;
  std::uint32_t site = 0;
  LiveCell kept;
};

// Largest first; what was born between the two times, in seconds of the soak, and lives.
std::vector<SiteGrowth> grown_sites(const LiveHeap& heap, double from_s, double to_s);

// Takes stacks of births at the sites that grew most, as many as tell where they come from and no more.
class SiteSampling {
 public:
  void follow(LiveHeap& heap, double from_s, double to_s);

 private:
  std::map<std::pair<int, std::uint32_t>, std::uint32_t> taken_;  // so far, by process and site
};

// A site with what it adds to the drift, in bytes per production day, and its share of what all sites add.
struct SiteDriftShare {
  int pid = 0;
  std::uint32_t site = 0;
  double per_day = 0;
  double share = 0;
  std::uint32_t number = 0;  // of Recording::cohorts
};

// Kind "stack", largest first: the calls that lead to these sites, as far as their processes live.
std::vector<Evidence> site_evidence(const LiveHeap& heap, const std::vector<SiteDriftShare>& sites);

}  // namespace soakline
