// Who holds the blocks of suspects: three looks at each while the run goes on, without a pause of the target.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/holders/holders.hpp"
#include "harness/judge/recording.hpp"
#include "harness/run_record.hpp"
#include "harness/site_counts.hpp"

namespace soakline {

class HolderWatch {
 public:
  // Of a suspect's stack, or of one that failed the run.
  struct Watched {
    Evidence suspect;
    Holders holders;
    int tries = 0;
  };
  static constexpr std::size_t looks_wanted = 3;
  static constexpr int most_tries = 5;  // a look at a process that has ended, or is too large, is none

  void watch(const Evidence& suspect) { watched_.push_back({suspect, {}}); }
  // Takes a look at one suspect, if one is due; gives it when its looks are complete.
  const Watched* at_sample(double time_s, double between_s, const LiveHeap& live, const SiteCounts& counts,
                           const Recording& recording, double judged_from_s);
  // For these stacks, who holds them, as kind "holder"; takes the looks that are missing.
  std::vector<Evidence> evidence(const std::vector<Evidence>& stacks, const LiveHeap& live,
                                 const SiteCounts& counts, const Recording& recording, double judged_from_s);

 private:
  void look(Watched& watched, const LiveHeap& live, const SiteCounts& counts, const Recording& recording,
            double judged_from_s);

  std::vector<Watched> watched_;
  double due_s_ = 0;
};

}  // namespace soakline
