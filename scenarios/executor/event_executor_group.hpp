// A fixed number of loop executors, handed out in turn.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "scenarios/executor/loop_executor.hpp"

namespace executor {

class EventExecutorGroup {
 public:
  EventExecutorGroup(std::size_t executors, const SchedulerFactory& make_scheduler);

  LoopExecutor& next();
  LoopExecutor& first() { return *executors_.front(); }
  std::size_t size() const { return executors_.size(); }

  // The group beats once per interval, whatever its size: the executors take turns. Each beat starts a loop
  // anew.
  void start_heartbeat(Duration interval);
  std::uint64_t heartbeats() const { return heartbeats_; }

  void shutdown_gracefully(Duration quiet, Duration timeout);
  // False if one of them has not ended in time.
  bool await_termination(Duration patience);

 private:
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::uint64_t> heartbeats_ = 0;
  std::vector<std::unique_ptr<LoopExecutor>>
      executors_;  // last, for they end first and count above until then
};

}  // namespace executor
