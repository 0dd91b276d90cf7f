// Pointers that a process has given to the kernel to keep, and that may be nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace soakline {

struct KernelPointer {
  std::uint64_t value = 0;
  int descriptor = 0;  // of the epoll instance
};

struct KernelPointers {
  std::vector<KernelPointer> of_epoll;  // the data of all that it waits for
  bool has_io_uring = false;            // whose pointers nobody is told
};

// Nothing of a process that is gone.
KernelPointers kernel_pointers_of(int pid);

}  // namespace soakline
