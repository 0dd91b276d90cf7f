// The verdict of a run, look by look: the same for a live run and for its recording, since it knows no clock.
#pragma once

#include <optional>
#include <vector>

#include "harness/judge/kept.hpp"
#include "harness/judge/memory.hpp"
#include "harness/judge/recording.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

class Judge {
 public:
  explicit Judge(const JudgeSettings& settings);

  // Makes every look that is due by now_s, in the order of time, over rows up to each look; stops looking
  // once finished. `recording` must be the same one at every call, grown at its end. Returns whether a look
  // was made.
  bool advance(const Recording& recording, double now_s);
  // The run is over: undecided metrics are judged on what there is. Call after advance(recording,
  // recording.end_s()).
  void conclude(const Recording& recording);

  // When the run may end, by settings.stop; nothing while it must go on.
  std::optional<double> finished_at_s() const { return finished_at_s_; }
  // Allocation sites that look like leaks at the last look, decided or not.
  const std::vector<Suspect>& suspects() const { return memory_.suspects(); }
  std::vector<Suspect> culprits() const { return memory_.culprits(); }
  // Worst first is for reports; here in the order of the metrics. cpu is judged against a baseline only.
  std::vector<MetricVerdict> metrics() const;

 private:
  double next_look_s() const;
  void take_rows(const Recording& recording, const Disturbances& disturbed, double until_s);
  void look(const Recording& recording, double at_s);
  Population seen(const Recording& recording, Metric metric, double until_s,
                  const Disturbances& disturbed) const;
  bool may_end() const;

  JudgeSettings settings_;
  Memory memory_;
  Kept threads_, descriptors_;
  CountedLives counted_threads_, counted_descriptors_;
  std::size_t rows_ = 0;  // how many of the recording's rows were taken in
  std::optional<double> finished_at_s_;
};

// Judges a whole recording as a live run would have been judged.
std::vector<MetricVerdict> judge_recording(const Recording& recording, const JudgeSettings& settings);

// The worst of several: fail, invalid, inconclusive, pass; not judged only if all are.
Verdict worst(const std::vector<MetricVerdict>& metrics);

}  // namespace soakline
