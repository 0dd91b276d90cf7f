// A shared pool that grows by a thread whenever work waits and none is free, slowly.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>

#include "scenarios/executor/task.hpp"
#include "scenarios/executor/thread_source.hpp"

namespace executor {

class ElasticThreadPool {
 public:
  // At most one new thread per interval; where the threads end is the source's to say.
  ElasticThreadPool(ThreadSource& threads, Duration inject_interval);
  // Free workers end; one whose item never returns cannot, and is left behind, parked.
  ~ElasticThreadPool();
  ElasticThreadPool(const ElasticThreadPool&) = delete;
  ElasticThreadPool& operator=(const ElasticThreadPool&) = delete;

  void submit(Task item);

  // Items that no thread has begun.
  std::size_t waiting() const;

 private:
  struct Shared;
  static void work(Shared& shared);
  void inject_when_due();

  ThreadSource& threads_;
  std::shared_ptr<Shared> shared_;  // with the workers, which may outlive the pool
  std::thread injector_;
};

}  // namespace executor
