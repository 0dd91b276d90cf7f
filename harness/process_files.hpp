// One process of a target, its /proc files held open from sample to sample.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "harness/identities.hpp"
#include "harness/proc_files.hpp"

namespace soakline {

enum class DescriptorKind { file, socket, pipe, other };
inline constexpr std::size_t descriptor_kinds = 4;

// Sums over the processes of a tree; NaN marks what could not be read.
struct TreeSums {
  double rss_bytes = 0, anon_bytes = 0, cpu_s = 0;
  double threads = 0, descriptors = 0;
  std::array<double, descriptor_kinds> by_kind{};
  bool stopped = false;  // one of them, by SIGSTOP or a debugger
};

// Converts and buffers shared by all processes of a sampler.
struct SampleClock {
  double time_s = 0;           // of this sample, since the target was ready
  double boot_to_ready_s = 0;  // thread start times count from boot
};

class ProcessFiles {
 public:
  explicit ProcessFiles(int pid);

  int pid() const { return pid_; }

  // Adds this process to `sums` and tells what was born and gone; false once the process is no more.
  bool sample(const SampleClock& clock, TreeSums& sums, Lives& threads, Lives& descriptors,
              std::vector<IdentityChange>& thread_changes, std::vector<IdentityChange>& descriptor_changes);

  // Everything it had is gone.
  void end(double time_s, Lives& threads, Lives& descriptors, std::vector<IdentityChange>& thread_changes,
           std::vector<IdentityChange>& descriptor_changes);

  // "Rss:" or "Pss:" of smaps_rollup, in bytes: walks its mappings, milliseconds where statm takes
  // microseconds.
  double rollup_bytes(std::string_view name);

 private:
  struct Known {
    int number;
    std::size_t slot;
    std::uint64_t identity;
    DescriptorKind kind;
  };
  Known thread(int tid, const SampleClock& clock, Lives& lives, std::vector<IdentityChange>& changes) const;
  Known descriptor(int fd, const SampleClock& clock, Lives& lives,
                   std::vector<IdentityChange>& changes) const;
  void drop(const Known& known, double time_s, Lives& lives, std::vector<IdentityChange>& changes) const;
  void merge(std::vector<Known>& known, auto&& make, double time_s, Lives& lives,
             std::vector<IdentityChange>& changes);
  void recheck_descriptors(const SampleClock& clock, Lives& lives, std::vector<IdentityChange>& changes);

  int pid_;
  OpenFile directory_, statm_, stat_, task_, fd_, smaps_rollup_;
  std::vector<char> buffer_;
  std::vector<int> numbers_;
  std::vector<Known> threads_, descriptors_, merged_;
  std::size_t next_recheck_ = 0;
};

}  // namespace soakline
