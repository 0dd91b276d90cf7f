// The places in the code whose blocks stay alive: which of them to take stacks of while a run goes on, and at
// a verdict what grew there, stack by stack.
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

// Kind "stack", largest first: the calls that make up what grew. `per_day` turns bytes of the time between
// into a drift per production day; `drift_per_day` is that of all memory, of which they are a share.
std::vector<Evidence> site_evidence(const LiveHeap& heap, double from_s, double to_s, double per_day,
                                    double drift_per_day);

}  // namespace soakline
