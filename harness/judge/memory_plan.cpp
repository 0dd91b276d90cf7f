#include "harness/judge/memory_plan.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {
namespace {
// Of the study that the rules were measured in (docs/judge.md).
constexpr double study_warmup_s = 15 * 60;
constexpr double first_look_minutes = 30;
}  // namespace

MemoryPlan plan_memory(const JudgeSettings& settings) {
  // Load and timers are compressed, the allocator's slack and the clock are not: half the scale is a limit
  // that shows twice as fast against the same slack.
  const double scale = std::min(1.0, std::max(settings.warmup_s / study_warmup_s, 1 / settings.compression));
  MemoryPlan plan;
  plan.minute_s = 60 * scale;
  const double time_s = std::max(1.0, settings.time_s);
  // A longer warm-up than the study's is waited for: windows begin at the same share of it, the first look
  // comes at twice of it, or as late as the time allows, but never before its end.
  plan.later = std::max(1.0, settings.warmup_s / study_warmup_s);
  const double latest = std::floor(time_s / plan.minute_s) - looks_to_fail;
  const double first_look = std::max({first_look_minutes, std::ceil(first_look_minutes / 2 * plan.later),
                                      std::min(latest, std::ceil(first_look_minutes * plan.later))});
  plan.needed_s = (first_look + looks_to_fail) * plan.minute_s;
  plan.limit_found_per_day = settings.memory.fail;
  if (time_s < plan.needed_s) {
    const double shrink = time_s / plan.needed_s;
    plan.minute_s *= shrink;
    plan.limit_found_per_day /= shrink;
  }
  plan.first_look_s = first_look * plan.minute_s;
  return plan;
}

}  // namespace soakline
