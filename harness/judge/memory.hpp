// Whether memory drifts, by the best signal that was recorded: survivors by allocation site, else heap bytes
// older than A, else heap chunks by size, else RSS. What the heap does not hold is judged beside it.
#pragma once

#include "harness/judge/aged_drift.hpp"
#include "harness/judge/chunk_drift.hpp"
#include "harness/judge/disturbances.hpp"
#include "harness/judge/gaps.hpp"
#include "harness/judge/rss_drift.hpp"
#include "harness/judge/site_drift.hpp"

namespace soakline {

// The signal of what is no part of the heap.
inline constexpr const char* outside_the_heap = "rss outside the heap";

class Memory {
 public:
  explicit Memory(const JudgeSettings& settings);

  // A row of which the recording's faults say that it is disturbed counts as the last one before that was
  // not.
  void add(const Recording& recording, std::size_t row, const Disturbances& disturbed);
  double next_look_s() const;
  // At next_look_s(); rows up to then were added.
  void look(const Recording& recording, const Disturbances& disturbed);
  // The run is over: says what its curve looks like, and why it is undecided, if it is.
  void conclude(const Recording& recording, const Disturbances& disturbed, double end_s);

  const MetricVerdict& verdict() const { return verdict_; }
  // Allocation sites that look like leaks now, largest first.
  const std::vector<Suspect>& suspects() const { return sites_.suspects(); }
  // Those that the verdict is about: suspects, or what grew most where there are none.
  std::vector<Suspect> culprits() const { return suspects().empty() ? sites_.growers() : suspects(); }

 private:
  struct Levels {
    double rss = missing, aged = missing, rest = missing;
  };
  struct Opinion {
    const char* signal;
    Assessment assessment;
  };
  Opinion by_sites(double now_s) const;
  Opinion by_aged_bytes(double now_s) const;
  Opinion by_chunks(double now_s) const;
  Opinion by_collected_heap() const;
  Opinion beside_the_rest(Opinion heap, double rest) const;
  Opinion rest_alone() const;
  Opinion unless_unseen(Opinion opinion, double now_s, const Disturbances& disturbed) const;
  void settle_on(const Opinion& opinion, double now_s);
  void decide_at_the_end(double end_s, const Disturbances& disturbed);
  const char* why_unseen_since(double since_s, double end_s, const Disturbances& disturbed) const;
  void describe(const Recording& recording, double end_s);
  void take_walks(const Recording& recording, double until_s, const Disturbances& disturbed);
  std::span<const ChunkWalk> walks_until(const Recording& recording, double now_s) const;

  JudgeSettings settings_;
  MemoryPlan plan_;
  SiteDrift sites_;
  AgedDrift aged_;
  ChunkDrift chunks_;
  RssDrift rss_, rest_;  // rest: RSS without the heap
  Gaps gaps_;
  Assessment of_sites_, of_aged_, of_chunks_, of_rss_, of_rest_;
  double slack_bytes_ = 0, walked_bytes_ = missing;  // as last read
  Levels undisturbed_;                               // as last seen
  std::size_t walks_seen_ = 0, walks_held_ = 0;
  std::vector<ChunkWalk> quiet_walks_;  // where there are faults, in place of the recording's
  bool walked_ = false, by_site_ = false;
  MetricVerdict verdict_;
};

}  // namespace soakline
