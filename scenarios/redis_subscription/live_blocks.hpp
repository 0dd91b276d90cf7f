// Counts the heap blocks that are alive, by size, in a program that links it: it replaces operator new.
#pragma once

#include <cstddef>
#include <map>

namespace redis_subscription {

// Live blocks by the bytes they take of the heap: what was asked for, rounded up, and malloc's header.
using LiveBlocks = std::map<std::size_t, long long>;

LiveBlocks live_blocks();

// What a block of so many bytes takes of the heap.
std::size_t heap_bytes(std::size_t asked);

}  // namespace redis_subscription
