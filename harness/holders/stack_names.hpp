// Whose a place on a stack is: the call and, where the debug information tells, the local variable.
#pragma once

#include <cstdint>
#include <string>

#include "harness/holders/memory_image.hpp"
#include "harness/symbols.hpp"
#include "harness/threads.hpp"

namespace soakline {

// "serve  server.cpp:41, local queue"; "" where the stack cannot be unwound up to there. `end`: of the stack.
std::string name_on_stack(const MemoryImage& image, const ThreadState& thread, std::uint64_t end,
                          std::uint64_t address, Symbols& symbols);

}  // namespace soakline
