#include "scenarios/executor/task_scheduler.hpp"

#include <utility>

namespace executor {

void run_queued_tasks(Executor& executor, BlockingQueue<Task>& tasks) {
  for (;;) {
    // executor.execute(TaskQueueNode(tasks.take())), but the executor is not looked at while the queue is
    // empty: a thread that waits here may outlive it.
    Task task = tasks.take();
    executor.execute(TaskQueueNode(std::move(task)));
  }
}

}  // namespace executor
