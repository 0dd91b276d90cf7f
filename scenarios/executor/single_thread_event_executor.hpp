// An executor with a thread of its own, a task queue and scheduled tasks, whose loop starts anew each turn.
//
// A turn (the loop core) waits for work, runs it, and calls loop(), which queues the next turn on the task
// scheduler; the scheduler's thread hands it back through execute(). One turn is under way or queued at any
// time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "scenarios/executor/scheduled_tasks.hpp"
#include "scenarios/executor/task.hpp"
#include "scenarios/executor/task_scheduler.hpp"

namespace executor {

using SchedulerFactory = std::function<std::unique_ptr<TaskScheduler>(Executor&)>;

class SingleThreadEventExecutor : public Executor {
 public:
  // The thread starts with the first task.
  SingleThreadEventExecutor(std::string name, const SchedulerFactory& make_scheduler);
  // Shuts down at once if nobody has, and waits for the thread.
  ~SingleThreadEventExecutor() override;
  SingleThreadEventExecutor(const SingleThreadEventExecutor&) = delete;
  SingleThreadEventExecutor& operator=(const SingleThreadEventExecutor&) = delete;

  // Ends the turn that is under way, so that the loop starts anew.
  void execute(Task task) override;
  void schedule(Duration delay, Task task) {
    schedule_at_fixed_rate(delay, Duration::zero(), std::move(task));
  }
  void schedule_at_fixed_rate(Duration first, Duration period, Task task);

  // Takes tasks until there was none for a quiet period, at most until the time-out; scheduled tasks are
  // dropped.
  void shutdown_gracefully(Duration quiet, Duration timeout);
  // False if it has not ended in time.
  bool await_termination(Duration patience);

  bool in_event_loop() const { return std::this_thread::get_id() == thread_id_; }
  std::uint64_t turns() const { return turns_; }

 protected:
  // Blocks until there are tasks or the deadline has come.
  virtual void wait_for_work(Time deadline);
  // There are tasks: ends wait_for_work(). Called on any thread, under the executor's lock.
  virtual void wake() {}
  bool has_tasks();
  // Every derived class calls it in its destructor, for the thread uses what it overrides.
  void shut_down_and_join();

 private:
  enum class State { not_started, running, shutting_down, ended };

  void run();
  void loop();
  void loop_core();
  void run_task(const Task& task);
  void run_all_tasks();
  Time next_deadline();
  bool confirm_shutdown();

  const std::string name_;
  std::unique_ptr<TaskScheduler> scheduler_;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
  std::atomic<std::uint64_t> turns_ = 0;

  // Only the executor's thread uses these.
  ScheduledTasks scheduled_;
  bool loop_ended_ = false;

  std::mutex mutex_;  // guards all below
  std::condition_variable filled_;
  std::condition_variable ended_;
  std::deque<Task> tasks_;
  State state_ = State::not_started;
  Time last_execution_{};
  Time shutdown_deadline_{};
  Duration quiet_{};
};

}  // namespace executor
