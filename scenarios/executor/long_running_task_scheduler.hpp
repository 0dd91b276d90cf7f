// The attempt that did not help: every task that is queued gets a thread of its own, which never returns
// either.
#pragma once

#include <memory>

#include "scenarios/executor/task_scheduler.hpp"
#include "scenarios/executor/thread_source.hpp"

namespace executor {

class LongRunningTaskScheduler : public TaskScheduler {
 public:
  // The executor must live for as long as tasks are queued.
  LongRunningTaskScheduler(Executor& executor, ThreadSource& threads)
      : executor_(executor), threads_(threads) {}
  // Throws ThreadsExhausted.
  void queue_task(Task task) override;

 private:
  Executor& executor_;
  ThreadSource& threads_;
  // Shared with threads that wait on it when the scheduler is long gone.
  std::shared_ptr<BlockingQueue<Task>> tasks_ = std::make_shared<BlockingQueue<Task>>();
};

}  // namespace executor
