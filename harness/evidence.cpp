#include "harness/evidence.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

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

// Least number of chunks of each class over some time; what comes and goes has no part in it.
std::vector<float> least_chunks(const Recording& recording, double from_s, double to_s) {
  std::vector<float> counts;
  for (const ChunkWalk& walk : recording.chunk_walks) {
    if (walk.time_s < from_s || walk.time_s > to_s) continue;
    if (counts.empty()) counts = walk.counts;
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c] = std::min(counts[c], walk.counts[c]);
  }
  return counts;
}

// The sizes that became more, from the first quarter since `growth` began to the last.
void add_grown_chunks(std::vector<Evidence>& found, const MetricVerdict& memory, const Recording& recording,
                      const Growth& growth) {
  const double quarter_s = (growth.to_s - growth.from_s) / 4;
  const auto before = least_chunks(recording, growth.from_s, growth.from_s + quarter_s),
             now = least_chunks(recording, growth.to_s - quarter_s, growth.to_s);
  if (before.empty() || now.empty()) return;
  std::vector<std::pair<double, std::size_t>> bytes;  // grown, and the class
  double total = 0;
  for (std::size_t c = 0; c < now.size(); ++c)
    if (now[c] > before[c]) {
      bytes.emplace_back((now[c] - before[c]) * recording.chunk_classes_bytes[c], c);
      total += bytes.back().first;
    }
  const double per_day = seconds_per_day / std::max(1e-9, 3 * quarter_s) / growth.compression;
  const double share = total * per_day / std::max(1.0, memory.drift_per_day.value_or(0));
  if (!(share >= least_share)) return;
  std::sort(bytes.rbegin(), bytes.rend());
  std::string sizes;
  for (const auto& [grown, c] : bytes) {
    if (!(grown >= least_share * total)) break;
    sizes += fmt::format("{}{:.0f} {}of {} B", sizes.empty() ? "" : ", ", now[c] - before[c],
                         sizes.empty() ? "more " : "", recording.chunk_classes_bytes[c]);
  }
  found.push_back({Metric::memory, "heap chunks", total * per_day, std::min(1.0, share), {sizes}});
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
      add_grown_chunks(found, metric, recording, growth);
      add_grown_mappings(found, read_mappings(pids), growth);
    }
  }
  return found;
}

}  // namespace soakline
