// What the agent tells of a target while it is soaked: bytes and counts by allocation site for the judge,
// suspects, who holds their blocks, and at the end what grew.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/holder_watch.hpp"
#include "harness/judge/judge.hpp"
#include "harness/live_heap.hpp"
#include "harness/observer.hpp"
#include "harness/run_folder.hpp"
#include "harness/site_counts.hpp"
#include "harness/site_evidence.hpp"

namespace soakline {

class SiteWatch {
 public:
  // `recording` gets cohorts and lost blocks; all must outlive this.
  SiteWatch(const RunInfo& info, RunFolder& folder, Observer& observer, LiveHeap& live, Recording& recording,
            Looking looking);

  // At every sample, with the processes of the target: fills in its heap columns when they are due.
  void at_sample(Sample& sample, const std::vector<int>& pids);
  // The processes whose heaps may be taken out of RSS, since the agent counts them; all where none ever had
  // one.
  std::vector<int> counted(const std::vector<int>& pids) const;
  // Stacks of sites that are new among the judge's suspects; from then on it is looked who holds their
  // blocks.
  void tell_suspects(const std::vector<Suspect>& suspects, double time_s);
  // Stacks and holders behind a failed verdict on memory; nothing where no agent is.
  std::vector<Evidence> evidence(const MetricVerdict& memory, const std::vector<Suspect>& culprits,
                                 const std::vector<int>& pids, MissingLooks missing_looks);

 private:
  void read(Sample& sample, const std::vector<int>& pids);
  void note_processes_without(const std::vector<int>& pids);
  void look_at_holders(double time_s);
  std::vector<SiteDriftShare> sites_of(const std::vector<Suspect>& suspects) const;
  std::vector<SiteDriftShare> grown_most() const;

  const RunInfo& info_;
  RunFolder& folder_;
  Observer& observer_;
  LiveHeap& live_;
  Recording& recording_;
  double period_s_, due_s_ = 0;
  bool seen_agent_ = false, told_of_no_agent_ = false;
  std::map<int, int> reads_without_;                  // by process that has no agent
  std::set<std::uint32_t> sites_told_;                // by the numbers of Recording::cohorts
  std::set<std::vector<std::string>> suspects_told_;  // their stacks
  SiteSampling sampling_;
  SiteCounts counts_;
  HolderWatch holders_;
};

}  // namespace soakline
