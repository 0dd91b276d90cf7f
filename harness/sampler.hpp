// Reads a target's process tree from /proc at each sample: memory, threads, descriptors, CPU, and the
// instrument itself.
#pragma once

#include <memory>
#include <vector>

#include "harness/observer.hpp"
#include "harness/process_files.hpp"
#include "harness/process_tree.hpp"

namespace soakline {

// What one sample saw. Lists are those of the sampler and valid until the next one.
struct Reading {
  Sample sample;
  std::array<double, descriptor_kinds> descriptors_by_kind{};
  double harness_rss_bytes = missing, harness_cpu_s = missing;
  bool target_alive = false;
  bool target_stopped = false;
};

struct SamplerSettings {
  double age_s = 300;        // lives that reached it are kept
  double rss_period_s = 10;  // how often RSS is read where statm is not exact: a block of the judge's
  bool exact_statm = true;   // false before Linux 6.2: its counters may be off by 64 pages a thread
};

// Whether this kernel's statm can be trusted.
bool kernel_has_exact_statm();

class Sampler {
 public:
  // `root`: the guard of a target we started, or (`include_root`) the process attached to. `recording` gets
  // the lives. Starts its clock: time_s counts from here.
  Sampler(pid_t root, bool include_root, const SamplerSettings& settings, Recording& recording);

  // Takes a sample now; allocates only for processes, threads and descriptors not seen before.
  Reading sample(double time_s);

  const std::vector<IdentityChange>& thread_changes() const { return thread_changes_; }
  const std::vector<IdentityChange>& descriptor_changes() const { return descriptor_changes_; }
  std::vector<int> pids() const { return tree_.members(); }

 private:
  void follow_tree(double time_s);
  bool sample_processes(double time_s, TreeSums& sums);  // whether any is alive
  double rollup_bytes(std::string_view name);
  double pss_if_due(double time_s);
  double exact_rss_if_due(double time_s);

  SamplerSettings settings_;
  ProcessTree tree_;
  Lives threads_, descriptors_;
  std::vector<std::unique_ptr<ProcessFiles>> processes_;
  std::vector<IdentityChange> thread_changes_, descriptor_changes_;
  OpenFile own_statm_, root_stat_;
  double boot_to_ready_s_;
  double next_pss_s_ = 0;
  double rss_block_ = -1;
};

}  // namespace soakline
