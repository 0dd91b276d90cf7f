// The functions through which programs allocate, in a process that ran before the agent came. Blocks are the
// next allocator's own, with what is counted at their end: whoever frees one past the agent, through an
// address that was copied before, does what it always did.
#pragma once

namespace soakline {

// Why the process's allocator cannot be followed, as the end of a sentence that begins with it; null where it
// can.
const char* why_not_hooked();

// From then on all objects call the hooks, those loaded later an epoch after they came. Once, when blocks are
// counted.
void hook_all_objects();

}  // namespace soakline
