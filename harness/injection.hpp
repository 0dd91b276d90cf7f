// Puts the agent into a process that runs already: gdb stops it for some milliseconds and has one of its
// threads load the library.
#pragma once

#include <filesystem>

namespace soakline {

// Seconds that the process stood still. The agent's files are to lie in `folder`. ScenarioError where it
// cannot be, RunError where it did not come up: the process goes on as it did.
double inject_agent(int pid, const std::filesystem::path& folder);

}  // namespace soakline
