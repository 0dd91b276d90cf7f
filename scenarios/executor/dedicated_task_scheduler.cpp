#include "scenarios/executor/dedicated_task_scheduler.hpp"

#include <utility>

namespace executor {

DedicatedTaskScheduler::DedicatedTaskScheduler(Executor& executor, std::size_t thread_count,
                                               ThreadSource& threads)
    : executor_(executor) {
  try {
    while (threads_.size() < thread_count)
      threads_.push_back(threads.start("dedicated", [this] { run_until_closed(); }));
  } catch (const ThreadsExhausted&) {
    close();
    throw;
  }
}

DedicatedTaskScheduler::~DedicatedTaskScheduler() {
  close();
}

void DedicatedTaskScheduler::queue_task(Task task) {
  if (started_.exchange(true)) {
    tasks_.put(std::move(task));
  } else {
    task();
  }
}

void DedicatedTaskScheduler::close() {
  started_ = true;
  tasks_.close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void DedicatedTaskScheduler::run_until_closed() {
  try {
    run_queued_tasks(executor_, tasks_);
  } catch (const QueueClosed&) {
    // The way out that the original lacks.
  } catch (const RejectedExecution&) {
    // The executor ended first: what is still queued has nowhere to run.
  }
}

}  // namespace executor
