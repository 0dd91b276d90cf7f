// What console, reports and metrics endpoints implement to follow a run while it goes on.
#pragma once

#include "harness/run_record.hpp"

namespace soakline {

struct Sample {
  double time_s = 0;
  double rss_bytes = missing, anon_bytes = missing, pss_bytes = missing;
  double threads = missing, descriptors = missing, cpu_s = missing, operations = missing;
  bool late = false;
  double heap_live_bytes = missing, heap_aged_bytes = missing;  // sparse, where the target has the agent
};

// Calls come from the run's own thread; with several runs side by side from several threads at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_start(const RunInfo&) {}
  // What people should know of how it is measured, a sentence.
  virtual void on_note(const RunInfo&, const std::string& /*note*/) {}
  // A place in the code whose blocks survive, before it may fail the run.
  virtual void on_suspect(const RunInfo&, double /*time_s*/, const Evidence&) {}
  virtual void on_sample(const RunInfo&, const Sample&) {}
  // `metrics` as they stand now, decided or not.
  virtual void on_look(const RunInfo&, double /*time_s*/, const std::vector<MetricVerdict>& /*metrics*/) {}
  virtual void on_verdict(const RunInfo&, const RunResult&) {}
};

}  // namespace soakline
