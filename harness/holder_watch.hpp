// Who holds the blocks of suspects: three looks at each while the run goes on.
#pragma once

#include <string>
#include <vector>

#include "harness/holders/holders.hpp"
#include "harness/judge/recording.hpp"
#include "harness/run_record.hpp"
#include "harness/site_counts.hpp"

namespace soakline {

// Whether looks that were not yet taken are taken at the end; somebody who interrupts a run does not wait.
enum class MissingLooks { taken, left_out };

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

  // Looks at blocks born from that time of the soak on; what it refers to must outlive it.
  HolderWatch(const LiveHeap& live, const SiteCounts& counts, const Recording& recording,
              double judged_from_s, Looking looking)
      : live_(live),
        counts_(counts),
        recording_(recording),
        judged_from_s_(judged_from_s),
        looking_(looking) {}

  void watch(const Evidence& suspect) { watched_.push_back({suspect, {}}); }
  // Takes a look at one suspect, if one is due; gives it when its looks are complete. They are so far apart,
  // or more where a look takes long.
  const Watched* at_sample(double time_s, double between_s);
  // For these stacks, who holds them, as kind "holder".
  std::vector<Evidence> evidence(const std::vector<Evidence>& stacks, MissingLooks missing_looks);

 private:
  void look(Watched& watched) const;

  const LiveHeap& live_;
  const SiteCounts& counts_;
  const Recording& recording_;
  double judged_from_s_;
  Looking looking_;
  std::vector<Watched> watched_;
  double due_s_ = 0;
};

}  // namespace soakline
