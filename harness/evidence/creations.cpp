#include "harness/evidence/creations.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace soakline {
namespace {

constexpr std::size_t all_at = offsetof(LiveFile, creations);
constexpr std::size_t descriptor_states_at = all_at + offsetof(CreationRecords, descriptor_states),
                      thread_states_at = all_at + offsetof(CreationRecords, thread_states),
                      descriptors_at = all_at + offsetof(CreationRecords, descriptors),
                      threads_at = all_at + offsetof(CreationRecords, threads),
                      mapping_states_at = all_at + offsetof(CreationRecords, mapping_states),
                      mappings_at = all_at + offsetof(CreationRecords, mappings);

bool read_at(const OpenFile& file, std::size_t offset, void* to, std::size_t bytes) {
  return pread(file.fd(), to, bytes, static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes);
}

// Nothing where the target wrote to it meanwhile.
std::optional<CreationRecord> whole_record(const OpenFile& file, std::size_t state_at, std::uint64_t state,
                                           std::size_t record_at) {
  std::optional<CreationRecord> record(std::in_place);
  std::uint64_t after = 0;
  if (is_being_written(state) || !read_at(file, record_at, &*record, sizeof *record) ||
      !read_at(file, state_at, &after, sizeof after) || after != state)
    return std::nullopt;
  return record;
}

// With their owners.
template <std::size_t places>
std::vector<std::pair<std::uint32_t, CreationRecord>> all_records(const OpenFile& file, std::size_t states_at,
                                                                  std::size_t records_at) {
  std::vector<std::pair<std::uint32_t, CreationRecord>> found;
  std::array<std::uint64_t, places> states{};
  if (!read_at(file, states_at, states.data(), sizeof states)) return found;
  for (std::size_t place = 0; place < places; ++place)
    if (const std::uint32_t owner = owner_of(states[place]); owner != 0)
      if (const auto record = whole_record(file, states_at + place * sizeof(CreationState), states[place],
                                           records_at + place * sizeof(CreationRecord)))
        found.emplace_back(owner, *record);
  return found;
}

}  // namespace

StackCopy stack_of(const CreationRecord& record) {
  return {record.caller, record.stack_pointer, record.frame_pointer,
          std::span(record.memory, std::min<std::size_t>(record.bytes, sizeof record.memory))};
}

double age_s(const CreationRecord& record) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) -
         1e-9 * static_cast<double>(record.born_ns);
}

std::optional<CreationRecord> descriptor_creation(const LiveProcess& process, int pid, int descriptor) {
  const auto place = static_cast<std::uint32_t>(descriptor) % max_descriptor_records;
  const std::size_t state_at = descriptor_states_at + place * sizeof(CreationState);
  std::uint64_t state = 0;
  if (!read_at(process.file(), state_at, &state, sizeof state) ||
      owner_of(state) != static_cast<std::uint32_t>(descriptor) + 1)
    return std::nullopt;
  auto record =
      whole_record(process.file(), state_at, state, descriptors_at + place * sizeof(CreationRecord));
  struct stat status {};
  if (record && (stat(fmt::format("/proc/{}/fd/{}", pid, descriptor).c_str(), &status) != 0 ||
                 status.st_dev != record->device || status.st_ino != record->inode))
    return std::nullopt;
  return record;
}

std::map<int, CreationRecord> thread_creations(const LiveProcess& process) {
  std::map<int, CreationRecord> found;
  for (auto& [owner, record] : all_records<max_thread_records>(process.file(), thread_states_at, threads_at))
    found.emplace(static_cast<int>(owner), record);
  return found;
}

std::vector<CreationRecord> mapping_creations(const LiveProcess& process) {
  std::vector<CreationRecord> found;
  for (auto& [owner, record] :
       all_records<max_mapping_records>(process.file(), mapping_states_at, mappings_at))
    found.push_back(record);
  return found;
}

}  // namespace soakline
