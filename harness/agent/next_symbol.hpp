// What a program would have called without the agent. Where that is looked for depends on how the agent came
// into the process.
#pragma once

namespace soakline {

// Null where nothing has the name.
void* next_symbol(const char* name);

}  // namespace soakline
