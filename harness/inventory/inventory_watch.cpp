#include "harness/inventory/inventory_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr double first_look = 0.75;  // of warm-up
constexpr const char *at_warmup = "warm-up", *at_verdict = "verdict";

const MetricVerdict* failed_memory(const std::vector<MetricVerdict>& metrics) {
  const auto found = std::find_if(metrics.begin(), metrics.end(), [](const MetricVerdict& metric) {
    return metric.metric == Metric::memory && metric.verdict == Verdict::fail;
  });
  return found == metrics.end() ? nullptr : &*found;
}

}  // namespace

InventoryWatch::InventoryWatch(const EvidencePlan& plan, const JudgeSettings& settings, Placeholders values,
                               RunFolder& folder, std::function<void(const std::string&)> note)
    : plan_(plan), settings_(settings), values_(std::move(values)), folder_(folder), note_(std::move(note)) {
  evidence_command(plan_, values_, 0);
}

LookOrder InventoryWatch::order(const char* name) const {
  return {plan_, values_, pids_, first_ ? first_->asked : Asked{}, folder_.path() / "evidence" / name};
}

void InventoryWatch::at_sample(double time_s, const std::vector<int>& pids) {
  if (!plan_.asked()) return;
  if (looking_ && looking_->done()) take_first(time_s);
  if (first_ || looking_ || pids.empty() || time_s < first_look * settings_.warmup_s) return;
  pids_ = pids;
  first_s_ = time_s;
  looking_.emplace(order(at_warmup));
}

void InventoryWatch::take_first(double time_s) {
  first_ = looking_->take();
  looking_.reset();
  write(time_s, at_warmup, *first_);
  if (!first_->problem.empty()) note_("no [evidence]: " + first_->problem);
}

void InventoryWatch::write(double time_s, const char* when, const LookResult& result) {
  std::size_t lines = 0;
  for (const Inventory& inventory : result.inventories) lines += inventory.held.size();
  folder_.write_event(time_s, "evidence",
                      {{"when", when},
                       {"from_s", first_s_},
                       {"pid", result.asked.pid},
                       {"lines", lines},
                       {"problem", result.problem}});
}

std::vector<Evidence> InventoryWatch::evidence(const std::vector<MetricVerdict>& metrics, double end_s,
                                               EventLoop& loop, double within_s) {
  if (looking_ && looking_->done()) take_first(end_s);
  if (std::exchange(looking_, std::nullopt))
    note_("no [evidence]: the look at the end of warm-up went on until the verdict; make warm-up longer");
  const MetricVerdict* const memory = failed_memory(metrics);
  if (!first_ || !first_->problem.empty()) return {};
  if (memory == nullptr) {
    // Large, and of no use without its fellow.
    std::error_code none;
    std::filesystem::remove(folder_.path() / "evidence" / (std::string(at_warmup) + ".heapsnapshot"), none);
    return {};
  }
  const auto second = second_look(end_s, loop, within_s);
  if (!second) return {};
  const double to_drift = seconds_per_day / std::max(1e-9, end_s - first_s_) / settings_.compression;
  std::vector<Evidence> found;
  for (const Inventory& now : second->inventories)
    for (const Inventory& before : first_->inventories)
      if (before.kind == now.kind)
        for (Evidence& one :
             inventory_evidence(now.kind, grown(before, now), to_drift, memory->drift_per_day))
          found.push_back(std::move(one));
  if (found.empty())
    note_(
        "[evidence]: nothing that the target says it holds grew like its memory; what grew lies outside of "
        "it");
  return found;
}

std::optional<LookResult> InventoryWatch::second_look(double end_s, EventLoop& loop, double within_s) {
  InventoryLook look(order(at_verdict));
  const auto within = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(within_s));
  // Its own time-out comes first, unless we are in a hurry.
  if (!loop.wait_for([&] { return look.done(); }, std::chrono::steady_clock::now() + within)) {
    note_(fmt::format("no [evidence]: the second look took longer than {}", format_duration(within_s)));
    return std::nullopt;
  }
  LookResult result = look.take();
  write(end_s, at_verdict, result);
  if (result.problem.empty()) return result;
  note_("no [evidence]: " + result.problem);
  return std::nullopt;
}

}  // namespace soakline
