// What a run records of allocation sites: of each epoch what lives once all of it is of age, and whenever
// that changes. The judge sees it as Recording::cohorts, live and from cohorts.csv alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/judge/recording.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

// A site of one process, as the agent numbers it.
struct SiteOfProcess {
  int pid = 0;
  std::uint32_t site = 0;
};

class SiteCounts {
 public:
  explicit SiteCounts(double age_s) : age_s_(age_s) {}

  // After a read of `live`: adds what has changed, at most once an epoch and 120 times in the time so far.
  void take(const LiveHeap& live, double time_s, Recording& recording);
  // By the numbers of Recording::cohorts. Number 0 is of no process: births for which there was no room.
  const std::vector<SiteOfProcess>& sites() const { return sites_; }
  std::uint32_t number_of(int pid, std::uint32_t site) const;  // 0 where it has none

 private:
  struct Known {
    std::uint64_t file = 0;
    std::vector<std::uint32_t> numbers, first_alive, last_alive, last_shown;  // by the process's sites
    std::vector<std::vector<std::int64_t>> told;                              // by epoch and site
  };
  void add_epochs(const LiveHeap& live, double time_s, Recording& recording);
  static void take_process(const LiveProcess& process, Known& known, double time_s, Recording& recording);
  void follow_sites(int pid, const LiveProcess& process, Known& known, Recording& recording);
  static void bury(const Known& known, double time_s, Recording& recording);

  double age_s_, due_s_ = 0;
  std::vector<SiteOfProcess> sites_ = {{}};
  std::map<int, Known> processes_;
};

// Columns time_s,site,size_below,from_s,to_s,blocks,bytes: of what a site bore between two times in blocks of
// less than size_below bytes, what lived at time_s and the heap that it took. Site 0 has a line for every
// epoch.
inline constexpr const char* cohorts_header = "time_s,site,size_below,from_s,to_s,blocks,bytes\n";
// Those from `from` on.
std::string cohort_lines(const Recording& recording, std::size_t from);
// Nothing where there is no file; ScenarioError names file, line and fix.
void read_cohorts(const std::filesystem::path& file, Recording& recording);

}  // namespace soakline
