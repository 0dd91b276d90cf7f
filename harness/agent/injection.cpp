// What the harness has a thread of the process call, once this library is loaded.
#include "harness/agent/creations.hpp"
#include "harness/agent/hook.hpp"
#include "harness/agent/injected_hooks.hpp"
#include "harness/agent/live_counts.hpp"
#include "harness/agent/next_allocator.hpp"

using namespace soakline;  // NOLINT(google-build-using-namespace): what is called from outside is global

// Null, or why not, as the end of a sentence that begins with the process. Again, with another folder, once
// nobody reads the last one: then all other threads must stand still.
SOAKLINE_HOOK const char* soakline_agent_start(const char* folder) {
  const bool again = live_counts.on();
  next_allocator();
  if (!again)
    if (const char* why = why_not_hooked(); why != nullptr) return why;
  if (!live_counts.start_in(folder))
    return "cannot make the agent's file in shared memory (32 MiB of room, no limit on file sizes)";
  if (again) return nullptr;
  live_counts.follow_threads_and_forks();
  follow_creations();
  hook_all_objects();
  return nullptr;
}
