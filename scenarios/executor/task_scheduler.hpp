// The interface of task schedulers, and the one line that leaks or not by whose thread runs it.
#pragma once

#include <utility>

#include "scenarios/executor/blocking_queue.hpp"
#include "scenarios/executor/task.hpp"

namespace executor {

class TaskScheduler {
 public:
  virtual ~TaskScheduler() = default;
  // Has the task run, now or later, on the executor it schedules for.
  virtual void queue_task(Task task) = 0;
  // No task may be queued any more. A scheduler whose threads never return has nothing to do here.
  virtual void close() {}
};

// A queued task on its way through the executor: runs it there, on the executor's thread.
class TaskQueueNode {
 public:
  explicit TaskQueueNode(Task task) : task_(std::move(task)) {}
  void operator()() const { task_(); }

 private:
  Task task_;
};

// Takes tasks and runs them through the executor for as long as the queue is open. take() blocks, so the
// thread that enters here comes back only by QueueClosed. All three schedulers run this; they differ in whose
// thread it is, and in whether the queue is ever closed.
[[noreturn]] void run_queued_tasks(Executor& executor, BlockingQueue<Task>& tasks);

}  // namespace executor
