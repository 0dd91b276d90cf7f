// The soak itself: samples on an absolute schedule, recorded and judged as they come, until the run may end.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "harness/evidence/evidence.hpp"
#include "harness/faults.hpp"
#include "harness/heap_watch.hpp"
#include "harness/inventory/inventory_watch.hpp"
#include "harness/judge/judge.hpp"
#include "harness/live_heap.hpp"
#include "harness/load.hpp"
#include "harness/observer.hpp"
#include "harness/run_folder.hpp"
#include "harness/running_target.hpp"
#include "harness/sampler.hpp"
#include "harness/services.hpp"
#include "harness/site_watch.hpp"

namespace soakline {

// What goes on while it is measured; `load` may be null.
struct Running {
  EventLoop& loop;
  RunningTarget& target;
  Services& services;
  Load* load;
  InventoryWatch& inventory;
  Faults& faults;
};

class Measurement {
 public:
  // `live` is what the target's agents count, if it has any.
  Measurement(const RunInfo& info, RunFolder& folder, Observer& observer, LiveHeap& live, Looking looking);

  // Until decided, out of time, interrupted, or something has ended; `interrupted` is asked at every sample.
  void run(Running& running, const std::function<bool()>& interrupted);

  const Recording& recording() const { return recording_; }
  std::optional<double> decided_at_s() const { return judge_.finished_at_s(); }
  bool interrupted() const { return interrupted_; }
  // Why the run is invalid, "" if it is not.
  const std::string& failure() const { return failure_; }
  // Judged on what there is. A target that died of a drift that showed already has failed, not the machine.
  std::vector<MetricVerdict> conclude();
  std::vector<Evidence> evidence(const std::vector<MetricVerdict>& metrics);

 private:
  void take_sample(Sampler& sampler, HeapWatch& heaps, Running& running, double time_s, double lateness_s);
  void record(const Sample& sample);
  void keep_faults_until(std::chrono::steady_clock::time_point due,
                         std::chrono::steady_clock::time_point start, Running& running);
  void note_fault(const FaultNews& news);
  bool may_go_on(const Reading& reading, Running& running);

  const RunInfo& info_;
  RunFolder& folder_;
  Observer& observer_;
  LiveHeap& live_;
  Recording recording_;
  Judge judge_;
  std::string failure_;
  double stopped_since_s_ = never_s;
  SiteWatch sites_;
  Looking looking_;
  bool target_died_ = false, interrupted_ = false, going_on_ = true, load_idle_ = false;
  Growth growth_;
  std::vector<int> pids_;
};

}  // namespace soakline
