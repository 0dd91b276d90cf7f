#include "scenarios/executor/event_executor_group.hpp"

#include <string>

namespace executor {

EventExecutorGroup::EventExecutorGroup(std::size_t executors, const SchedulerFactory& make_scheduler) {
  while (executors_.size() < executors)
    executors_.push_back(
        std::make_unique<LoopExecutor>("executor-" + std::to_string(executors_.size()), make_scheduler));
}

LoopExecutor& EventExecutorGroup::next() {
  return *executors_[next_++ % executors_.size()];
}

void EventExecutorGroup::start_heartbeat(Duration interval) {
  const Duration period = interval * static_cast<Duration::rep>(executors_.size());
  Duration first{};
  for (const auto& executor : executors_) {
    first += interval;
    executor->schedule_at_fixed_rate(first, period, [this] { ++heartbeats_; });
  }
}

void EventExecutorGroup::shutdown_gracefully(Duration quiet, Duration timeout) {
  for (const auto& executor : executors_) executor->shutdown_gracefully(quiet, timeout);
}

bool EventExecutorGroup::await_termination(Duration patience) {
  const Time deadline = Clock::now() + patience;
  for (const auto& executor : executors_)
    if (!executor->await_termination(deadline - Clock::now())) return false;
  return true;
}

}  // namespace executor
