// The allocator that would have been called without the agent: glibc's or whatever comes next.
#pragma once

#include <cstddef>

namespace soakline {

struct NextAllocator {
  void* (*malloc)(std::size_t);
  void (*free)(void*);
  void* (*calloc)(std::size_t, std::size_t);
  void* (*realloc)(void*, std::size_t);
  void* (*memalign)(std::size_t, std::size_t);
  std::size_t (*malloc_usable_size)(void*);
  void* (*operator_new)(std::size_t);  // null in a program without libstdc++
};

// What next_allocator() finds; whoever counts blocks has looked it up.
extern constinit NextAllocator next_functions;  // NOLINT(bugprone-dynamic-static-initializers): constinit

// Looks it up at the first call. Null while that goes on: the loader allocates meanwhile, from
// first_memory().
const NextAllocator* next_allocator();

// A little memory for that time, all zero, never freed; null when there is no more.
void* first_memory(std::size_t bytes);
bool is_first_memory(const void* block);
// Bytes from there to the end of it: more than the block has, all readable.
std::size_t first_memory_after(const void* block);

}  // namespace soakline
