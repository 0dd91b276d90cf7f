// The leak: every task that is queued costs a worker of the shared pool, for ever.
#pragma once

#include <memory>

#include "scenarios/executor/elastic_thread_pool.hpp"
#include "scenarios/executor/task_scheduler.hpp"

namespace executor {

class PoolTaskScheduler : public TaskScheduler {
 public:
  // The executor must live for as long as tasks are queued.
  PoolTaskScheduler(Executor& executor, ElasticThreadPool& pool) : executor_(executor), pool_(pool) {}
  void queue_task(Task task) override;

 private:
  Executor& executor_;
  ElasticThreadPool& pool_;
  // Shared with workers that wait on it when the scheduler is long gone.
  std::shared_ptr<BlockingQueue<Task>> tasks_ = std::make_shared<BlockingQueue<Task>>();
};

}  // namespace executor
