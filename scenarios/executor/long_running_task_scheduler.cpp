#include "scenarios/executor/long_running_task_scheduler.hpp"

#include <utility>

namespace executor {

void LongRunningTaskScheduler::queue_task(Task task) {
  tasks_->put(std::move(task));
  const Task body = [&executor = executor_, tasks = tasks_] {
    try {
      run_queued_tasks(executor, *tasks);
    } catch (const RejectedExecution&) {
      // Queued after the executor had ended: the one way this thread ends.
    }
  };
  threads_.start("long-running", body).detach();
}

}  // namespace executor
