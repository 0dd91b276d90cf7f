// Chunks that the program has freed and that wait in a thread's cache or in a fastbin to be handed out again:
// by their flags they are in use, and what they hold is dead.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/heap_walk.hpp"
#include "harness/holders/memory_image.hpp"

namespace soakline {

// By chunk, whether it waits. `chunks`: ascending; `arenas`: where states of threads' arenas lie.
std::vector<bool> waiting_chunks(const MemoryImage& image, std::span<const HeapChunk> chunks,
                                 std::span<const std::uint64_t> arenas);

}  // namespace soakline
