// Asks a target what it holds, before warm-up ends and at a fail of memory, and says what grew in between.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/event_loop.hpp"
#include "harness/inventory/inventory_look.hpp"
#include "harness/run_folder.hpp"

namespace soakline {

class InventoryWatch {
 public:
  // `note` gets what people should know, a sentence. ScenarioError for a placeholder that is none.
  InventoryWatch(const EvidencePlan& plan, const JudgeSettings& settings, Placeholders values,
                 RunFolder& folder, std::function<void(const std::string&)> note);

  // At every sample. The first look begins in the last quarter of warm-up: a collection, the pause and the
  // memory that it costs, and what a runtime starts to answer at all (a thread, a socket) are over before
  // anything is judged.
  void at_sample(double time_s, const std::vector<int>& pids);

  // At a fail of memory the second look, for which `loop` goes on, no longer than `within_s`; nothing
  // otherwise.
  std::vector<Evidence> evidence(const std::vector<MetricVerdict>& metrics, double end_s, EventLoop& loop,
                                 double within_s);

 private:
  LookOrder order(const char* name) const;
  void take_first(double time_s);
  std::optional<LookResult> second_look(double end_s, EventLoop& loop, double within_s);
  void write(double time_s, const char* when, const LookResult& result);

  EvidencePlan plan_;
  JudgeSettings settings_;
  Placeholders values_;
  RunFolder& folder_;
  std::function<void(const std::string&)> note_;
  std::vector<int> pids_;
  std::optional<InventoryLook> looking_;
  std::optional<LookResult> first_;
  double first_s_ = 0;  // soak time when it began
};

}  // namespace soakline
