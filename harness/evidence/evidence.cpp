#include "harness/evidence/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/evidence/thread_evidence.hpp"
#include "harness/holders/memory_image.hpp"
#include "harness/live_heap.hpp"
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
      for (Evidence& one :
           chunk_evidence(growth.chunks_before, now, metric, grown,
                          (growth.to_s - growth.from_s) * growth.compression, growth.looking, symbols))
        found.push_back(std::move(one));
      add_grown_chunks(found, metric, grown);
      add_grown_mappings(found,
                         mapping_groups(pids, live, symbols, growth.mappings_before, growth.age_s,
                                        growth.to_s - growth.from_s),
                         growth);
    }
  }
  return found;
}

}  // namespace soakline
