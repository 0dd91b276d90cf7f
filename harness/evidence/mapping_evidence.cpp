#include "harness/evidence/mapping_evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/evidence/creations.hpp"
#include "harness/proc_files.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t calls_told = 4;

struct ResidentMapping {
  std::uint64_t start = 0, end = 0;
  std::string name;
  double bytes = 0;

  // Of a part of it, as if spread evenly: the kernel joins neighbours into one.
  double bytes_in(std::uint64_t from, std::uint64_t to) const {
    from = std::max(from, start);
    to = std::min(to, end);
    return from < to ? bytes * static_cast<double>(to - from) / static_cast<double>(end - start) : 0;
  }
};

// Without the agent's own files, which are none of the target's. "FROM-TO perms offset dev inode      PATH",
// then lines of what it takes.
std::vector<ResidentMapping> resident_mappings(int pid) {
  std::vector<ResidentMapping> found;
  bool is_agents = false;
  std::ifstream input(fmt::format("/proc/{}/smaps", pid));
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with("Rss:")) {
      if (!is_agents && !found.empty()) found.back().bytes = kilobytes_of(line, "Rss:");
      continue;
    }
    ResidentMapping mapping;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &mapping.start, &mapping.end) != 2) continue;
    is_agents = line.find(agent_folder_prefix) != std::string::npos;
    const auto path = line.find_first_of("/[");
    mapping.name = path == std::string::npos ? "[anonymous]"
                                             : std::filesystem::path(line.substr(path)).filename().string();
    if (!is_agents) found.push_back(std::move(mapping));
  }
  return found;
}

struct Mapped {
  std::string name;
  double bytes = 0;
};

// What there is of a recorded mapping: it may be gone, and another's place.
Mapped resident_part(const std::vector<ResidentMapping>& mappings, const CreationRecord& record) {
  Mapped part;
  for (const ResidentMapping& mapping : mappings) {
    const double bytes = mapping.bytes_in(record.address, record.address + record.length);
    if (bytes <= 0) continue;
    part.bytes += bytes;
    part.name = mapping.name;
  }
  return part;
}

}  // namespace

Mappings read_mappings(std::span<const int> pids) {
  Mappings sums;
  for (const int pid : pids)
    for (const ResidentMapping& mapping : resident_mappings(pid)) sums[mapping.name] += mapping.bytes;
  return sums;
}

std::vector<EvidenceGroup> mapping_groups(std::span<const int> pids, const LiveHeap& live,
                                          SymbolsByPid& symbols, const Mappings& before, double from_age_s,
                                          double to_age_s) {
  Mappings grown;
  for (const auto& [name, bytes] : before) grown[name] = -bytes;
  struct Origin {
    double bytes = 0;
    std::size_t mappings = 0;
  };
  std::map<std::pair<std::string, std::string>, Origin> origins;  // by name and maker
  for (const int pid : pids) {
    const auto mappings = resident_mappings(pid);
    for (const ResidentMapping& mapping : mappings) grown[mapping.name] += mapping.bytes;
    const auto process = live.processes().find(pid);
    if (process == live.processes().end()) continue;
    for (const CreationRecord& record : mapping_creations(process->second)) {
      const Mapped part = resident_part(mappings, record);
      if (part.bytes <= 0 || age_s(record) < from_age_s || age_s(record) > to_age_s) continue;
      Symbols& names = symbols_of(symbols, pid);
      Origin& origin = origins[{
          part.name,
          told_in_a_line("mapped by", program_part(names.told(names.unwind(stack_of(record)))), calls_told)}];
      origin.bytes += part.bytes;
      ++origin.mappings;
    }
  }
  std::vector<EvidenceGroup> groups;
  for (const auto& [which, origin] : origins) {
    const auto& [name, maker] = which;
    grown[name] -= origin.bytes;
    groups.push_back(
        {origin.bytes,
         {fmt::format("{} × {} of {}", origin.mappings, name, format_bytes(origin.bytes)), maker}});
  }
  for (const auto& [name, bytes] : grown)
    if (bytes > 0) groups.push_back({bytes, {fmt::format("{} grew by {}", name, format_bytes(bytes))}});
  return groups;
}

}  // namespace soakline
