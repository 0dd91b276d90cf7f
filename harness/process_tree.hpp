// Which processes belong to a target: all that descend from its root, found again only when the machine has
// new ones.
#pragma once

#include <sys/types.h>

#include <vector>

#include "harness/proc_files.hpp"

namespace soakline {

class ProcessTree {
 public:
  // `include_root`: a process attached to counts itself; a guard does not.
  ProcessTree(pid_t root, bool include_root);

  // Brings members() up to date. /proc/loadavg names the last pid handed out, so that a machine on which
  // nothing was born since costs one read.
  void refresh();
  // Reads the whole tree again whatever is known of it; whether it has somebody new.
  bool search_anew();

  // Ascending; empty when all have gone.
  const std::vector<int>& members() const { return members_; }

 private:
  void rescan();
  bool is_member(int pid) const;

  pid_t root_;
  bool include_root_;
  OpenFile loadavg_, proc_;
  std::vector<char> buffer_;
  int last_pid_ = -1;
  std::vector<int> members_, all_, strangers_, unknown_;
  bool vanished_ = false;  // one that was listed was gone when its parent was asked for
};

}  // namespace soakline
