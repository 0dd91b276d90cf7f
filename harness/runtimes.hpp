// Runtimes whose collector owns the heap: until its first collections such a heap rises as straight as a
// leak.
#pragma once

#include <sys/types.h>

#include <string>

namespace soakline {

// The one that a process has mapped, named as below.
std::string runtime_of(int pid);

// The first one that a process of the tree has mapped: "the JVM", "Node", ".NET", "Ruby"; empty where there
// is none. `root` and `include_root` as for ProcessTree.
std::string collected_runtime(pid_t root, bool include_root);

}  // namespace soakline
