// Whether RSS drifts: by the regularity of its growth piece by piece, since its slope alone deceives.
#pragma once

#include <optional>
#include <string>

#include "harness/judge/assessment.hpp"
#include "harness/judge/blocks.hpp"
#include "harness/judge/memory_plan.hpp"

namespace soakline {

// Also judges what is left of RSS once the heap is taken out.
class RssDrift {
 public:
  explicit RssDrift(const JudgeSettings& settings);

  void add(double time_s, double rss_bytes) { blocks_.add(time_s, rss_bytes); }
  bool seen(double end_s) const { return blocks_.complete(end_s) > 0; }
  double next_look_s() const { return static_cast<double>(minutes_) * plan_.minute_s; }
  Assessment look();  // at next_look_s(), over what was added up to then

  // Half-minute minima since the start was over.
  std::vector<Point> curve(double end_s) const;
  // Largest rate of the minima's growth, in limits: since minute 10, since a third of the time, and from the
  // first to the last quarter since then. NaN where samples are missing.
  double growth(double now_s) const;
  // The same since half of the time alone: free memory of an allocator creeps ever more slowly.
  double later_growth(double now_s) const;

 private:
  enum class Growth { regular, falls_back, bends, too_slow, unseen };
  Growth growth_over(double window_s, double now_s, double drawdown) const;
  double growth_since(double from_s, double to_s, double over_s) const;
  std::optional<Estimate> stairs(double now_s) const;
  bool moved(double now_s) const;
  double above_tolerated(double share) const;
  bool levels_off(double now_s) const;
  bool can_pass(const Estimate& estimate) const;
  Estimate estimate(double now_s) const;
  double start_s() const;
  double smallest_found(const Estimate& estimate) const;
  Assessment assess(Verdict verdict, const Estimate& estimate, std::string reason) const;
  std::string why_undecided(Growth growth) const;

  JudgeSettings settings_;
  MemoryPlan plan_;
  double limit_per_s_;      // bytes a soak second at the limit that this run judges
  double tolerated_share_;  // of that limit
  Blocks blocks_;
  long minutes_;  // of the next look
  int looks_running_ = 0, stairs_running_ = 0;
};

}  // namespace soakline
