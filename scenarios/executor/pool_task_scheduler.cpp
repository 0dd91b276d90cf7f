#include "scenarios/executor/pool_task_scheduler.hpp"

#include <utility>

namespace executor {

void PoolTaskScheduler::queue_task(Task task) {
  tasks_->put(std::move(task));
  pool_.submit([&executor = executor_, tasks = tasks_] {
    try {
      run_queued_tasks(executor, *tasks);
    } catch (const RejectedExecution&) {
      // Queued after the executor had ended: the one way this worker comes back.
    }
  });
}

}  // namespace executor
