// Whether threads or descriptors pile up: those born after warm-up that outlive age A, against exact Poisson
// bounds.
#pragma once

#include <array>
#include <span>
#include <string>

#include "harness/judge/disturbances.hpp"
#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// Exact (Garwood 1936) bounds of a Poisson mean of which `count` were seen; each is wrong with probability
// alpha.
double poisson_lower(std::size_t count, double alpha);
double poisson_upper(std::size_t count, double alpha);
// Bounds of the difference of two Poisson means from both their bounds (Zou and Donner 2008).
double net_lower(std::size_t entered, std::size_t left, double alpha);
double net_upper(std::size_t entered, std::size_t left, double alpha);

// Threads or descriptors as far as they were seen.
struct Population {
  std::span<const Lifetime> lives;
  std::span<const double> time_s, counts;  // of equal length
  bool counted;                   // the lives are read off the counts: nobody's identity was recorded
  const Disturbances& disturbed;  // who is born and gone in one never counts, nor do the counts meanwhile
};

class Kept {
 public:
  Kept(Metric metric, const JudgeSettings& settings);

  double next_look_s() const { return next_look_s_; }
  // At next_look_s(): over the lives known by then and the counts in the rows up to then.
  void look(const Population& seen);
  // The run is over: the longest look there is, which may pass with what it would have seen.
  void conclude(double end_s, const Population& seen);

  const MetricVerdict& verdict() const { return verdict_; }

 private:
  void describe(double end_s, const Population& seen);
  void judge(double now_s, bool last, const Population& seen);
  // Those past age A, since the end of warm-up.
  struct Flow {
    std::size_t entered = 0, left = 0;
    bool any_left = false;              // ever, before the end of warm-up too
    std::array<std::size_t, 4> kept{};  // of those that entered, still alive; by the quarter of their birth
  };
  static double lower(const Flow& flow, double alpha);
  Flow flow(double now_s, const Population& seen) const;
  void show(const Flow& flow, double per_day, bool counted);
  double longest_gap_s(double now_s) const;
  void decide(Verdict verdict, double now_s, std::string reason);

  JudgeSettings settings_;
  Limit limit_;
  double alpha_;  // for one look
  double first_look_s_, next_look_s_;
  MetricVerdict verdict_;
};

}  // namespace soakline
