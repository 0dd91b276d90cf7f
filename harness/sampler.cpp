#include "harness/sampler.hpp"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace soakline {
namespace {

constexpr double pss_period_s = 60;
constexpr double pss_share = 0.0005;  // of a core: a walk that took 50 ms is repeated after 100 s

double clock_s(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

OpenFile stat_of(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  return open_at(AT_FDCWD, path, O_RDONLY);
}

}  // namespace

Sampler::Sampler(pid_t root, bool include_root, const SamplerSettings& settings, Recording& recording)
    : settings_(settings),
      tree_(root, include_root),
      threads_(recording.thread_lives, settings.age_s),
      descriptors_(recording.descriptor_lives, settings.age_s),
      own_statm_(open_at(AT_FDCWD, "/proc/self/statm", O_RDONLY)),
      root_stat_(include_root ? OpenFile() : stat_of(root)),
      boot_to_ready_s_(clock_s(CLOCK_BOOTTIME)) {
  processes_.reserve(64);
  thread_changes_.reserve(1024);
  descriptor_changes_.reserve(1024);
}

Reading Sampler::sample(double time_s) {
  thread_changes_.clear();
  descriptor_changes_.clear();
  threads_.next_sample();
  descriptors_.next_sample();
  tree_.refresh();
  follow_tree(time_s);

  TreeSums sums;
  bool alive = sample_processes(time_s, sums);
  // One that became a daemon may have left its child behind since the tree was read.
  while (!alive && tree_.search_anew()) {
    follow_tree(time_s);
    sums = {};
    alive = sample_processes(time_s, sums);
  }
  // What ended among orphans was reaped by the guard and left its CPU there.
  char text[1024];
  if (root_stat_.is_open()) {
    const std::string_view stat = root_stat_.read(text);
    sums.cpu_s += static_cast<double>(stat_field(stat, 16) + stat_field(stat, 17)) /
                  static_cast<double>(sysconf(_SC_CLK_TCK));
  }

  Reading reading;
  reading.target_alive = alive;
  reading.target_stopped = sums.stopped;
  if (alive && !settings_.exact_statm) sums.rss_bytes = exact_rss_if_due(time_s);
  if (alive)
    reading.sample = {time_s,       sums.rss_bytes,   sums.anon_bytes, pss_if_due(time_s),
                      sums.threads, sums.descriptors, sums.cpu_s};
  reading.sample.time_s = time_s;
  reading.descriptors_by_kind = sums.by_kind;
  reading.harness_rss_bytes =
      static_cast<double>(nth_number(own_statm_.read(text), 2)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  reading.harness_cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
  return reading;
}

bool Sampler::sample_processes(double time_s, TreeSums& sums) {
  bool alive = false;
  for (auto& process : processes_) {
    const SampleClock clock{time_s, boot_to_ready_s_};
    if (process->sample(clock, sums, threads_, descriptors_, thread_changes_, descriptor_changes_))
      alive = true;
    else
      process->end(time_s, threads_, descriptors_, thread_changes_, descriptor_changes_);
  }
  return alive;
}

void Sampler::follow_tree(double time_s) {
  const auto& members = tree_.members();
  std::erase_if(processes_, [&](auto& process) {
    if (std::binary_search(members.begin(), members.end(), process->pid())) return false;
    process->end(time_s, threads_, descriptors_, thread_changes_, descriptor_changes_);
    return true;
  });
  if (processes_.size() == members.size()) return;
  for (const int pid : members)
    if (std::none_of(processes_.begin(), processes_.end(),
                     [=](const auto& process) { return process->pid() == pid; }))
      processes_.push_back(std::make_unique<ProcessFiles>(pid));
}

double Sampler::rollup_bytes(std::string_view name) {
  double sum = 0;
  for (auto& process : processes_) sum += process->rollup_bytes(name);
  return sum;
}

double Sampler::pss_if_due(double time_s) {
  if (time_s < next_pss_s_) return missing;
  const double before_s = clock_s(CLOCK_THREAD_CPUTIME_ID);
  const double sum = rollup_bytes("\nPss:");
  const double cost_s = clock_s(CLOCK_THREAD_CPUTIME_ID) - before_s;
  next_pss_s_ = time_s + std::max(pss_period_s, cost_s / pss_share);
  return sum;
}

double Sampler::exact_rss_if_due(double time_s) {
  const double block = std::floor(time_s / settings_.rss_period_s);
  if (block == rss_block_) return missing;
  rss_block_ = block;
  return rollup_bytes("\nRss:");
}

bool kernel_has_exact_statm() {
  utsname system{};
  uname(&system);
  int major = 0, minor = 0;
  return std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
         (major > 6 || (major == 6 && minor >= 2));
}

}  // namespace soakline
