#include "harness/evidence.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness/holders/memory_image.hpp"
#include "harness/live_heap.hpp"
#include "harness/proc_files.hpp"
#include "harness/thread_evidence.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_groups = 3;
constexpr double least_share = 0.05;  // of a metric's growth: what is less explains nothing

using Groups = std::map<std::string, double>;

void add_largest(std::vector<Evidence>& found, Metric metric, const char* kind, const Groups& groups,
                 double total, double per_day, auto&& describe) {
  std::vector<std::pair<std::string, double>> sorted(groups.begin(), groups.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (std::size_t i = 0; i < std::min(most_groups, sorted.size()); ++i) {
    const auto& [name, amount] = sorted[i];
    if (!(amount >= least_share * total)) break;
    found.push_back(
        {metric, kind, amount * per_day, std::min(1.0, amount / total), {describe(name, amount)}});
  }
}

// Who is there now, in the metric's drift by their share of the whole. What was recorded to come from
// somewhere says more than the rest.
void add_counted(std::vector<Evidence>& found, const MetricVerdict& metric, const char* kind,
                 std::vector<EvidenceGroup> groups) {
  std::stable_sort(groups.begin(), groups.end(), [](const EvidenceGroup& a, const EvidenceGroup& b) {
    return std::pair(a.frames.size() > 1, a.number) > std::pair(b.frames.size() > 1, b.number);
  });
  double total = 0;
  for (const EvidenceGroup& group : groups) total += group.number;
  const double drift = metric.drift_per_day.value_or(0);
  std::size_t told = 0;
  for (EvidenceGroup& group : groups) {
    const double share = group.number / total;
    if (share < least_share || told == most_groups) continue;
    found.push_back({metric.metric, kind, drift * share, share, std::move(group.frames)});
    ++told;
  }
}

void add_grown_mappings(std::vector<Evidence>& found, Groups&& grown, const Growth& growth) {
  double total = 0;
  for (auto& [name, bytes] : grown) {
    const auto before = growth.mappings_before.find(name);
    if (before != growth.mappings_before.end()) bytes -= before->second;
    total += std::max(0.0, bytes);
  }
  const double per_day = seconds_per_day / std::max(1e-9, growth.to_s - growth.from_s) / growth.compression;
  add_largest(found, Metric::memory, "mapping", grown, total, per_day, [](const auto& name, double bytes) {
    return fmt::format("{} grew by {}", name, format_bytes(bytes));
  });
}

// The sizes that became more, from the first quarter since `growth` began to the last.
void add_grown_chunks(std::vector<Evidence>& found, const MetricVerdict& memory,
                      const std::vector<GrownClass>& grown) {
  double total = 0;
  for (const GrownClass& one : grown) total += one.per_day;
  const double share = total / std::max(1.0, memory.drift_per_day.value_or(0));
  if (!(share >= least_share)) return;
  std::string sizes;
  for (const GrownClass& one : grown) {
    if (!(one.per_day >= least_share * total)) break;
    sizes += fmt::format("{}{:.0f} {}of {} B", sizes.empty() ? "" : ", ", one.chunks,
                         sizes.empty() ? "more " : "", one.chunk_bytes);
  }
  found.push_back({Metric::memory, "heap chunks", total, std::min(1.0, share), {sizes}});
}

}  // namespace

Growth begin_growth(double from_s, const JudgeSettings& settings, std::span<const int> pids) {
  return {from_s, 0, settings.compression, read_mappings(pids), settings.age_s, read_descriptors(pids)};
}

Mappings read_mappings(std::span<const int> pids) {
  Mappings mappings;
  for (const int pid : pids) {
    std::ifstream input(fmt::format("/proc/{}/smaps", pid));
    std::string name;
    for (std::string line; std::getline(input, line);) {
      if (line.starts_with("Rss:")) {
        if (!name.empty()) mappings[name] += kilobytes_of(line, "Rss:");
      } else if (const auto colon = line.find(':'); colon == std::string::npos || line.find('-') < colon) {
        // "FROM-TO perms offset dev inode      PATH"
        const auto path = line.find_first_of("/[");
        // The agent's file is none of the target's.
        if (line.find(agent_folder_prefix) != std::string::npos)
          name = "";
        else
          name = path == std::string::npos ? "[anonymous]"
                                           : std::filesystem::path(line.substr(path)).filename().string();
      }
    }
  }
  return mappings;
}

std::vector<Evidence> collect_evidence(std::span<const int> pids, const std::vector<MetricVerdict>& metrics,
                                       const Growth& growth, const Recording& recording,
                                       const LiveHeap& live) {
  std::vector<Evidence> found;
  SymbolsByPid symbols;
  for (const MetricVerdict& metric : metrics) {
    if (metric.verdict != Verdict::fail) continue;
    if (metric.metric == Metric::threads)
      add_counted(found, metric, "thread",
                  thread_groups(pids, live, symbols, growth.age_s, growth.to_s - growth.from_s));
    else if (metric.metric == Metric::descriptors)
      add_counted(found, metric, "descriptor",
                  descriptor_groups(pids, live, symbols, growth.descriptors_before, growth.age_s));
    else if (metric.metric == Metric::memory) {
      const auto grown = grown_classes(recording, growth.from_s, growth.to_s, growth.compression);
      const ChunkCensus now = grown.empty() ? ChunkCensus() : take_census(pids, live, bytes_to_copy());
      for (Evidence& one : chunk_evidence(growth.chunks_before, now, metric, grown,
                                          (growth.to_s - growth.from_s) * growth.compression, symbols))
        found.push_back(std::move(one));
      add_grown_chunks(found, metric, grown);
      add_grown_mappings(found, read_mappings(pids), growth);
    }
  }
  return found;
}

}  // namespace soakline
