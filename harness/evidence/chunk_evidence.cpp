#include "harness/evidence/chunk_evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "harness/evidence/holder_evidence.hpp"
#include "harness/holders/chunk_blocks.hpp"
#include "harness/holders/data_symbols.hpp"
#include "harness/holders/vtables.hpp"
#include "harness/judge/memory.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t types_told = 3;
constexpr double least_share = 0.05;  // of what memory grew by: less explains nothing
constexpr double most_of_them = 0.5;
constexpr int looks_taken = 3;
constexpr auto longest_looks = std::chrono::seconds(2);  // a verdict must be there within five

// Chunks of one class in one process whose vtables tell one type, or that have none.
struct Kind {
  int pid = 0;
  std::size_t size_class = 0;
  std::string type = {};
  std::map<std::uint64_t, Vtable> vtables = {};  // by their beginnings
  double chunks = 0, bytes = 0;                  // now
  double more_chunks = 0, more_bytes = 0;        // than before
  std::string not_compared = {};                 // why not; what there is now has to do
};

bool is_of(const Kind& kind, std::uint64_t first_word) {
  const auto after = kind.vtables.upper_bound(first_word);
  return after != kind.vtables.begin() && std::prev(after)->second.has(first_word);
}

bool has(const HeapList& list, const HeapChunk& chunk) {
  const auto found =
      std::lower_bound(list.chunks.begin(), list.chunks.end(), chunk.start,
                       [](const HeapChunk& one, std::uint64_t start) { return one.start < start; });
  return found != list.chunks.end() && found->start == chunk.start && found->bytes == chunk.bytes;
}

const HeapList& list_of(const ChunkCensus& census, int pid) {
  static const HeapList nothing;
  const auto found = census.find(pid);
  return found == census.end() ? nothing : found->second;
}

class KindsOfProcess {
 public:
  KindsOfProcess(int pid, std::span<const GrownClass> grown, Symbols& symbols)
      : pid_(pid), data_(symbols), vtables_(pid, data_), has_grown_(chunk_class_count) {
    for (const GrownClass& one : grown) has_grown_[one.number] = true;
  }
  void add(const HeapList& list, bool is_now) {
    for (const HeapChunk& chunk : list.chunks) {
      const std::size_t size_class = chunk_class_of(chunk.bytes);
      if (!has_grown_[size_class]) continue;
      Kind& kind = kind_of(size_class, chunk.first_word);
      const auto bytes = static_cast<double>(chunk.bytes);
      kind.more_chunks += is_now ? 1 : -1;
      kind.more_bytes += is_now ? bytes : -bytes;
      kind.chunks += is_now ? 1 : 0;
      kind.bytes += is_now ? bytes : 0;
    }
  }
  const std::map<std::pair<std::size_t, std::string>, Kind>& kinds() const { return kinds_; }

 private:
  Kind& kind_of(std::size_t size_class, std::uint64_t first_word) {
    const Vtable* const vtable = vtables_.at(first_word);
    if (vtable == nullptr) return kinds_.try_emplace({size_class, ""}, Kind{pid_, size_class}).first->second;
    Kind& kind =
        kinds_.try_emplace({size_class, vtable->type}, Kind{pid_, size_class, vtable->type}).first->second;
    kind.vtables.try_emplace(vtable->start, *vtable);
    return kind;
  }

  int pid_;
  DataSymbols data_;
  Vtables vtables_;
  std::vector<bool> has_grown_;
  std::map<std::pair<std::size_t, std::string>, Kind> kinds_;
};

std::vector<Kind> kinds_of(int pid, const HeapList& before, const HeapList& now,
                           std::span<const GrownClass> grown, Symbols& symbols) {
  KindsOfProcess counted(pid, grown, symbols);
  counted.add(before, false);
  counted.add(now, true);
  std::vector<Kind> all;
  for (const auto& [key, kind] : counted.kinds()) {
    all.push_back(kind);
    all.back().not_compared = before.unusable;
  }
  return all;
}

// What was not counted before has grown as its class has, by its share of that now.
void estimate_growth(std::vector<Kind>& kinds, std::span<const GrownClass> grown) {
  std::map<std::size_t, double> chunks;
  for (const Kind& kind : kinds) chunks[kind.size_class] += kind.chunks;
  for (Kind& kind : kinds) {
    if (kind.not_compared.empty() || kind.chunks == 0) continue;
    const auto of_class = std::find_if(grown.begin(), grown.end(),
                                       [&](const GrownClass& one) { return one.number == kind.size_class; });
    kind.more_chunks = of_class->chunks * kind.chunks / chunks[kind.size_class];
    kind.more_bytes = kind.more_chunks * kind.bytes / kind.chunks;
  }
}

std::string type_sentence(const Kind& kind) {
  const double bytes = chunk_classes()[kind.size_class];
  if (kind.not_compared.empty())
    return fmt::format("{:.0f} more {} (vtable) of {:.0f} B", kind.more_chunks, kind.type, bytes);
  return fmt::format("{:.0f} {} (vtable) of {:.0f} B, not compared with the end of warm-up: {}", kind.chunks,
                     kind.type, bytes, kind.not_compared);
}

// `per_day`: what a byte more adds to the drift.
std::vector<Evidence> type_evidence(const std::vector<Kind>& kinds, double per_day, double drift) {
  std::map<std::pair<std::size_t, std::string>, Kind> by_type;  // of all processes
  for (const Kind& kind : kinds) {
    if (kind.type.empty()) continue;
    const auto [known, is_new] = by_type.try_emplace({kind.size_class, kind.type}, kind);
    if (is_new) continue;
    known->second.chunks += kind.chunks;
    known->second.more_chunks += kind.more_chunks;
    known->second.more_bytes += kind.more_bytes;
  }
  std::vector<Evidence> types;
  for (const auto& [key, kind] : by_type) {
    const double of_it = kind.more_bytes * per_day;
    if (of_it >= least_share * drift)
      types.push_back({Metric::memory, "type", of_it, std::min(1.0, of_it / drift), {type_sentence(kind)}});
  }
  std::stable_sort(types.begin(), types.end(),
                   [](const Evidence& a, const Evidence& b) { return a.per_day > b.per_day; });
  types.resize(std::min(types.size(), types_told));
  return types;
}

// Chunks of the class that grew most, in the process where it did; of one type if most of them are.
std::optional<Kind> grown_most(const std::vector<Kind>& kinds, std::size_t size_class) {
  std::map<int, Kind> by_pid;
  for (const Kind& kind : kinds)
    if (kind.size_class == size_class) {
      Kind& all = by_pid.try_emplace(kind.pid, Kind{kind.pid, size_class}).first->second;
      all.more_chunks += kind.more_chunks;
      all.more_bytes += kind.more_bytes;
    }
  const auto most = std::max_element(by_pid.begin(), by_pid.end(), [](const auto& a, const auto& b) {
    return a.second.more_chunks < b.second.more_chunks;
  });
  if (most == by_pid.end() || most->second.more_chunks <= 0) return std::nullopt;
  for (const Kind& kind : kinds)
    if (kind.pid == most->first && kind.size_class == size_class && !kind.type.empty() &&
        kind.more_chunks >= most_of_them * most->second.more_chunks)
      return kind;
  return most->second;
}

// Up to three, at those that are not where one of their size was before: the others are the old ones, by and
// large.
HolderLook looks_at(const Kind& kind, const HeapList& before, Looking looking, Symbols& symbols) {
  ChunkBlocks chunks(kind.pid, [&](const HeapChunk& chunk) {
    return chunk_class_of(chunk.bytes) == kind.size_class && !has(before, chunk) &&
           (kind.type.empty() || is_of(kind, chunk.first_word));
  });
  Holders holders;
  const auto enough = std::chrono::steady_clock::now() + longest_looks;
  for (int i = 0; i == 0 || (i < looks_taken && std::chrono::steady_clock::now() < enough); ++i)
    holders.add(look_at_holders(chunks, kind.pid, looking, symbols));
  return holders.answer();
}

}  // namespace

ChunkCensus take_census(std::span<const int> pids, const LiveHeap& live, std::uint64_t most_bytes) {
  ChunkCensus census;
  for (const int pid : pids)
    if (!live.processes().contains(pid)) census[pid] = HeapWalker(pid).list(most_bytes);
  return census;
}

std::vector<Evidence> chunk_evidence(const ChunkCensus& before, const ChunkCensus& now,
                                     const MetricVerdict& memory, std::span<const GrownClass> grown,
                                     double elapsed_s, Looking looking, SymbolsByPid& symbols) {
  if (grown.empty() || memory.signal == outside_the_heap) return {};
  std::vector<Kind> kinds;
  for (const auto& [pid, list] : now) {
    if (!list.unusable.empty()) continue;
    const auto of_process = kinds_of(pid, list_of(before, pid), list, grown, symbols_of(symbols, pid));
    kinds.insert(kinds.end(), of_process.begin(), of_process.end());
  }
  estimate_growth(kinds, grown);
  const double per_day = seconds_per_day / std::max(1e-9, elapsed_s),
               drift = std::max(1.0, memory.drift_per_day.value_or(0));
  auto found = type_evidence(kinds, per_day, drift);
  const auto most = grown_most(kinds, grown.front().number);
  if (!most || !(most->more_bytes * per_day >= least_share * drift)) return found;
  const HolderLook answer =
      looks_at(*most, list_of(before, most->pid), looking, symbols_of(symbols, most->pid));
  Evidence holder = holder_evidence(std::min(1.0, most->more_bytes * per_day / drift), answer);
  // Right behind what is most: what it leads to is told of no other.
  if (!holder.frames.empty()) found.insert(found.begin() + (found.empty() ? 0 : 1), std::move(holder));
  return found;
}

}  // namespace soakline
