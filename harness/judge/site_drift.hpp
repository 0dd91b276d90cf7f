// Whether the heap drifts, allocation site by allocation site: a leak keeps the same number of survivors of
// every epoch, what a cache keeps ends at its turnover, a pool's blocks are all old.
// What no count can tell, a cache before its first turnover from a leak, its owner's `settle` does; only
// blocks that nothing points at fail sooner.
#pragma once

#include <map>
#include <optional>

#include "harness/judge/assessment.hpp"
#include "harness/judge/disturbances.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/judge/site_cohorts.hpp"

namespace soakline {

// A site that would fail the run, were it after settle.
struct Suspect {
  std::uint32_t site = 0;
  double drift_per_day = 0;  // of its survivors, bytes per production day
  double share = 0;          // of what all sites grow by
};

// The least time in which a run finds a leak at the limit, and may pass; one that is shorter takes less time
// for everything, and may be wrong more often.
double needed_by_site_s(const JudgeSettings& settings);

class SiteDrift {
 public:
  // What a site keeps, bytes a second, with the variance of that, and what one block more would add.
  struct Bound {
    double rate = 0, variance = 0, block = 0;
  };

  explicit SiteDrift(const JudgeSettings& settings);

  void add_operations(double time_s, double operations) { load_.add(time_s, operations); }
  double next_look_s() const { return next_look_s_; }
  // Of the last counts; as long as an agent is read there are some for every epoch.
  double last_counts_s() const { return now_s_; }
  // What is counted amid a fault is taken in once it is over, and nothing is looked at meanwhile.
  // At next_look_s(), over what `recording` has of cohorts by then; it must be the same one at every call,
  // grown at its end.
  Assessment look(const Recording& recording, const Disturbances& disturbed);
  // Sites by what they grew by and will not die soon, whether or not they look like leaks; largest first.
  std::vector<Suspect> growers() const;
  // Of the last look, largest first.
  const std::vector<Suspect>& suspects() const { return suspects_; }

 private:
  // What a site adds to the drift, by the ages and windows of births that show it best. Bytes a second.
  struct Rate {
    std::uint32_t site = 0;
    double bytes = 0, variance = 0;  // that will live for the horizon
    double survivors = 0;            // without those that will die
  };
  // Whether there were any.
  bool take_counts(const Recording& recording, const Disturbances& disturbed);
  void take(const CohortCount& count, const Recording& recording);
  double judged_from_s(const SiteCohorts& site) const;
  double start_s(const SiteCohorts& site) const;
  BirthWindow window(double from_s, double to_s) const;
  Rate rate_of(std::uint32_t number, const SiteCohorts& site) const;
  std::optional<Rate> rate_in(const SiteCohorts& site, std::size_t age, double last_s) const;
  static double expected(const Survival& seen, const BirthWindow& births, const BirthWindow& others);
  static bool clearly_fewer(const SiteCohorts& site, const Survival& seen, const BirthWindow& births,
                            const BirthWindow& others);
  bool goes_on(const SiteCohorts& site, const Survival& seen, const BirthWindow& births, double last_s) const;
  bool turns_over(const SiteCohorts& site, const Survival& seen, const BirthWindow& births) const;
  void assess_growth(Assessment& result);
  std::vector<Suspect> told(std::vector<Rate> rates) const;
  Bound bound_of(const SiteCohorts& site) const;
  Bound bound_in(const SiteCohorts& site, const BirthWindow& births) const;
  double extended_per_s() const;
  double largest_rare(const Recording& recording) const;
  void assess_room(Assessment& result, const Recording& recording) const;

  JudgeSettings settings_;
  double scale_;                          // of the times that the rule was measured with
  double limit_per_s_, tolerated_per_s_;  // bytes a second of the soak
  double next_look_s_, now_s_ = 0;
  std::size_t counts_taken_ = 0;
  std::vector<Epoch> epochs_;
  std::vector<double> operations_;  // by epoch
  std::vector<double> faults_s_;    // when those began that have
  LoadCurve load_;
  std::map<std::uint32_t, SiteCohorts> sites_;
  std::map<std::uint32_t, double> lost_share_;
  std::vector<Suspect> suspects_;
  int looks_running_ = 0;
  Assessment last_;
};

}  // namespace soakline
