#include "harness/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/live_heap.hpp"
#include "harness/thread_evidence.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t most_groups = 3;
constexpr double least_share = 0.05;  // of a metric's growth: what is less explains nothing

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

// What makes most of the growth first.
void add_grown_mappings(std::vector<Evidence>& found, std::vector<EvidenceGroup> groups,
                        const Growth& growth) {
  std::stable_sort(groups.begin(), groups.end(),
                   [](const EvidenceGroup& a, const EvidenceGroup& b) { return a.number > b.number; });
  double total = 0;
  for (const EvidenceGroup& group : groups) total += group.number;
  const double per_day = seconds_per_day / std::max(1e-9, growth.to_s - growth.from_s) / growth.compression;
  for (EvidenceGroup& group : std::span(groups).first(std::min(most_groups, groups.size()))) {
    const double share = group.number / total;
    if (share >= least_share)
      found.push_back({Metric::memory, "mapping", group.number * per_day, share, std::move(group.frames)});
  }
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
      add_grown_mappings(found,
                         mapping_groups(pids, live, symbols, growth.mappings_before, growth.age_s,
                                        growth.to_s - growth.from_s),
                         growth);
    }
  }
  return found;
}

}  // namespace soakline
