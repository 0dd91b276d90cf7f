// The fix: the same line, on threads of the scheduler's own, started once and ended with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "scenarios/executor/task_scheduler.hpp"
#include "scenarios/executor/thread_source.hpp"

namespace executor {

class DedicatedTaskScheduler : public TaskScheduler {
 public:
  // Throws ThreadsExhausted.
  DedicatedTaskScheduler(Executor& executor, std::size_t thread_count, ThreadSource& threads);
  ~DedicatedTaskScheduler() override;

  // The first task runs here and now: an executor starts its loop from its own thread, and that is where the
  // loop belongs. All others are queued, none is inlined later. Throws RejectedExecution once closed.
  void queue_task(Task task) override;

  // Unlike the original's, its queue closes: what is queued still goes to the executor, then the threads end.
  void close() override;

 private:
  void run_until_closed();

  Executor& executor_;
  BlockingQueue<Task> tasks_;
  std::atomic<bool> started_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace executor
