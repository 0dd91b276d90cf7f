// Records who makes threads, descriptors and mappings, for some hundred a second of each.
#pragma once

#include "harness/agent/creation_record.hpp"
#include "harness/agent/live_counts.hpp"

namespace soakline {

// A thread that was asked for and has not begun.
struct ThreadStart {
  void* (*routine)(void*);
  void* argument;
  std::uint32_t record;
  std::uint64_t state;  // of the record, as long as it is this thread's
};

// The functions of creation_hooks.cpp by the names of those that they stand for.
void for_each_creation_hook(void (*tell)(const char* name, void* hook));

// Forks forget the starts of threads that they do not have.
void follow_creations();

// Of a call that has just made the descriptor. errno is kept.
void descriptor_made(int descriptor, const Caller& caller);

// Of a call that has just mapped memory, or moved it from `old`, which keeps its age; and that unmapped what
// began there. What the next allocator maps is counted as its blocks. errno is kept.
void mapping_made(void* address, std::size_t length, const Caller& caller, void* old = nullptr);
void mapping_ended(void* address);

// Nothing where the thread is not to be recorded: it is to start as it would have. errno is kept.
ThreadStart* thread_asked_for(void* (*routine)(void*), void* argument, const Caller& caller);
void thread_not_made(ThreadStart* start);
// What a recorded thread begins with instead of its routine.
void* run_thread(void* start);

}  // namespace soakline
