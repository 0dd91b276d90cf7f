// A process that stands still while its memory is copied. What that does to it: its waiting system calls
// return EINTR (epoll_wait, sigtimedwait, recv with a time limit: signal(7)), and its parent may see it stop.
#pragma once

#include <sys/types.h>

namespace soakline {

// How a process is looked at: as it works, or while it stands.
enum class Looking { at_work, paused };

class Pause {
 public:
  // By SIGSTOP; one that is stopped already is left alone. Waits until all its threads stand, for 200 ms at
  // most.
  explicit Pause(int pid);
  // It goes on, also where this process is killed meanwhile.
  ~Pause();
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  int alive_ = -1;       // written end of a pipe: at its end the child continues the process
  pid_t continuer_ = 0;  // the child
};

}  // namespace soakline
