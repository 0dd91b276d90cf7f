// Preloaded, the agent stands before all libraries: what it hides comes after it.
#include <dlfcn.h>

#include "harness/agent/next_symbol.hpp"

namespace soakline {

void* next_symbol(const char* name) {
  return dlsym(RTLD_NEXT, name);
}

}  // namespace soakline
