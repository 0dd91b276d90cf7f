// Whether gdb can put the agent into a process, as far as that can be told without touching it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace soakline {

inline constexpr std::string_view agent_file_name = "libsoakline_agent_injected.so";

// Beside the program that runs.
std::filesystem::path injected_library();

// Why not, as the end of a sentence that begins with the process: "is statically linked". Empty where nothing
// is known to be in the way.
std::string why_not_injected(int pid);

}  // namespace soakline
