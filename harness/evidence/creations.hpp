// Who made a target's threads, descriptors and mappings, as the agent in it recorded.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "harness/live_heap.hpp"
#include "harness/symbols.hpp"

namespace soakline {

// The stack at the call; valid as long as the record.
StackCopy stack_of(const CreationRecord& record);

double age_s(const CreationRecord& record);

// Nothing where the descriptor was made unseen, is being recorded, or its number belongs to another now.
std::optional<CreationRecord> descriptor_creation(const LiveProcess& process, int pid, int descriptor);

// By thread id; threads that are gone may be among them.
std::map<int, CreationRecord> thread_creations(const LiveProcess& process);
// With their addresses and lengths; mappings that are gone may be among them.
std::vector<CreationRecord> mapping_creations(const LiveProcess& process);

}  // namespace soakline
