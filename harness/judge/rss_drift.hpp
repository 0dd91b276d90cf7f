// Whether RSS drifts: by the regularity of its growth piece by piece, since its slope alone deceives.
#pragma once

#include <optional>
#include <string>

#include "harness/judge/blocks.hpp"
#include "harness/judge/memory_plan.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

class RssDrift {
 public:
  explicit RssDrift(const JudgeSettings& settings);

  void add(double time_s, double rss_bytes) { blocks_.add(time_s, rss_bytes); }
  double next_look_s() const { return static_cast<double>(minutes_) * plan_.minute_s; }
  void look();                  // at next_look_s(), over what was added up to then
  void conclude(double end_s);  // the run is over: says why it is undecided, if it is

  const MetricVerdict& verdict() const { return verdict_; }

 private:
  // Drift per production day with its 99 % interval, as it stands at now_s; NaN where too little was seen.
  struct Estimate {
    double now_s, drift, low, high;
  };
  enum class Growth { regular, falls_back, bends, too_slow, unseen };
  Growth growth_over(double window_s, double now_s, double drawdown) const;
  bool within_limit(const Estimate& estimate) const;
  Estimate estimate(double now_s) const;
  double start_s() const;
  double smallest_found(const Estimate& estimate) const;
  bool sees_limit(const Estimate& estimate) const;
  void judge_troughs(double now_s, double drawdown);
  void decide(Verdict verdict, const Estimate& estimate, std::string reason);
  void show(const Estimate& estimate);

  JudgeSettings settings_;
  MemoryPlan plan_;
  double limit_per_s_;      // bytes a soak second at the limit that this run judges
  double tolerated_share_;  // of that limit
  Blocks blocks_;
  long minutes_;  // of the next look
  int looks_running_ = 0;
  Growth last_growth_ = Growth::unseen;
  MetricVerdict verdict_;
};

}  // namespace soakline
