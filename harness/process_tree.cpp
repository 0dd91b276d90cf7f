#include "harness/process_tree.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdio>

namespace soakline {
namespace {

bool contains(const std::vector<int>& sorted, int pid) {
  return std::binary_search(sorted.begin(), sorted.end(), pid);
}

// Keeps of `pids` only those that still are in `alive`; both ascending.
void keep_alive(std::vector<int>& pids, const std::vector<int>& alive) {
  std::erase_if(pids, [&](int pid) { return !contains(alive, pid); });
}

// -1 where it has gone.
int parent_of(int proc, int pid) {
  char path[32], line[1024];
  std::snprintf(path, sizeof path, "%d/stat", pid);
  const std::string_view stat = open_at(proc, path, O_RDONLY).read(line);
  return stat.empty() ? -1 : static_cast<int>(stat_field(stat, 4));
}

}  // namespace

ProcessTree::ProcessTree(pid_t root, bool include_root)
    : root_(root),
      include_root_(include_root),
      loadavg_(open_at(AT_FDCWD, "/proc/loadavg", O_RDONLY)),
      proc_(open_at(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY)),
      buffer_(64 * 1024) {
  for (auto* pids : {&members_, &all_, &strangers_, &unknown_}) pids->reserve(4096);
}

void ProcessTree::refresh() {
  char text[128];
  const std::string_view load = loadavg_.read(text);
  const auto last_blank = load.rfind(' ');
  const int last_pid =
      static_cast<int>(nth_number(load.substr(last_blank == std::string_view::npos ? 0 : last_blank), 1));
  if (last_pid == last_pid_) return;
  last_pid_ = last_pid;
  rescan();
}

bool ProcessTree::search_anew() {
  const std::vector<int> before = members_;
  strangers_.clear();
  // One that was listed and has gone since may have left a child that was not: machines that start processes
  // all the time must not keep us here, though.
  for (int tries = 0; tries < 100; ++tries) {
    vanished_ = false;
    rescan();
    if (!vanished_) break;
  }
  return std::any_of(members_.begin(), members_.end(), [&](int pid) { return !contains(before, pid); });
}

bool ProcessTree::is_member(int pid) const {
  return pid == root_ || contains(members_, pid);
}

void ProcessTree::rescan() {
  if (!numbers_in(proc_, buffer_, all_)) return;
  keep_alive(members_, all_);
  keep_alive(strangers_, all_);
  if (include_root_ && contains(all_, root_) && !contains(members_, root_))
    members_.insert(std::lower_bound(members_.begin(), members_.end(), root_), root_);

  unknown_.clear();
  for (const int pid : all_)
    if (pid != root_ && !contains(members_, pid) && !contains(strangers_, pid)) unknown_.push_back(pid);
  // A parent may be among the new ones itself and have the larger number, so it is asked until nothing
  // changes.
  for (bool grew = true; grew;) {
    grew = false;
    for (int& pid : unknown_) {
      if (pid == 0) continue;
      const int parent = parent_of(proc_.fd(), pid);
      vanished_ = vanished_ || parent < 0;
      if (!is_member(parent)) continue;
      members_.insert(std::lower_bound(members_.begin(), members_.end(), pid), pid);
      pid = 0;
      grew = true;
    }
  }
  for (const int pid : unknown_)
    if (pid != 0) strangers_.insert(std::lower_bound(strangers_.begin(), strangers_.end(), pid), pid);
}

}  // namespace soakline
