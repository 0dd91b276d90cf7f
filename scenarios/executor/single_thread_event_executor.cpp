#include "scenarios/executor/single_thread_event_executor.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

#include "scenarios/executor/thread_source.hpp"

namespace executor {

SingleThreadEventExecutor::SingleThreadEventExecutor(std::string name, const SchedulerFactory& make_scheduler)
    : name_(std::move(name)), scheduler_(make_scheduler(*this)) {}

SingleThreadEventExecutor::~SingleThreadEventExecutor() {
  shut_down_and_join();
}

void SingleThreadEventExecutor::execute(Task task) {
  // All of it under the lock: once a task is out of the lock it may run, and be the last before the executor
  // goes.
  const std::lock_guard lock(mutex_);
  if (state_ == State::ended) throw RejectedExecution("executor " + name_ + " has ended");
  if (state_ == State::not_started) {
    thread_ = std::thread([this] { run(); });
    state_ = State::running;
  }
  tasks_.push_back(std::move(task));
  filled_.notify_one();
  wake();
}

void SingleThreadEventExecutor::schedule_at_fixed_rate(Duration first, Duration period, Task task) {
  const Time due = Clock::now() + first;
  if (in_event_loop()) {
    scheduled_.add(due, period, std::move(task));
  } else {
    execute([this, due, period, task = std::move(task)] { scheduled_.add(due, period, task); });
  }
}

void SingleThreadEventExecutor::shutdown_gracefully(Duration quiet, Duration timeout) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::not_started) {
      state_ = State::ended;
      ended_.notify_all();
    }
    if (state_ != State::running) return;
    state_ = State::shutting_down;
    quiet_ = quiet;
    last_execution_ = Clock::now();
    shutdown_deadline_ = last_execution_ + timeout;
    tasks_.push_back([] {});  // ends the turn that waits without a deadline
    filled_.notify_one();
    wake();
  }
}

bool SingleThreadEventExecutor::await_termination(Duration patience) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, patience, [this] { return state_ == State::ended; });
}

void SingleThreadEventExecutor::shut_down_and_join() {
  shutdown_gracefully(Duration::zero(), Duration::zero());
  if (thread_.joinable()) thread_.join();
  scheduler_->close();
}

// The thread: runs what comes between two turns, which is mostly the next turn.
void SingleThreadEventExecutor::run() {
  name_this_thread(name_);
  thread_id_ = std::this_thread::get_id();
  loop();
  while (!loop_ended_) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !tasks_.empty(); });
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    run_task(task);
  }
  scheduler_->close();
  const std::lock_guard lock(mutex_);
  state_ = State::ended;
  tasks_.clear();
  ended_.notify_all();
}

void SingleThreadEventExecutor::loop() {
  scheduler_->queue_task([this] { loop_core(); });
}

void SingleThreadEventExecutor::loop_core() {
  ++turns_;
  wait_for_work(next_deadline());
  run_all_tasks();
  if (confirm_shutdown()) {
    loop_ended_ = true;
  } else {
    loop();
  }
}

void SingleThreadEventExecutor::wait_for_work(Time deadline) {
  std::unique_lock lock(mutex_);
  const auto filled = [this] { return !tasks_.empty(); };
  if (deadline == Time::max()) {
    filled_.wait(lock, filled);
  } else {
    filled_.wait_until(lock, deadline, filled);
  }
}

bool SingleThreadEventExecutor::has_tasks() {
  const std::lock_guard lock(mutex_);
  return !tasks_.empty();
}

void SingleThreadEventExecutor::run_task(const Task& task) {
  const auto turns_before = turns_.load();
  try {
    task();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "executor: a task on %s failed: %s\n", name_.c_str(), error.what());
  }
  if (turns_ != turns_before) return;  // the loop's own turn does not put off the quiet period
  const std::lock_guard lock(mutex_);
  last_execution_ = Clock::now();
}

// Those that are there now; what they add is for the next turn.
void SingleThreadEventExecutor::run_all_tasks() {
  std::deque<Task> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(tasks_);
  }
  for (const auto& task : batch) run_task(task);
  for (const auto& task : scheduled_.take_due(Clock::now())) run_task(task);
}

Time SingleThreadEventExecutor::next_deadline() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::shutting_down) return scheduled_.next_due();
  return std::min(last_execution_ + quiet_, shutdown_deadline_);
}

bool SingleThreadEventExecutor::confirm_shutdown() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::shutting_down) return false;
  scheduled_.clear();
  const Time now = Clock::now();
  if (now >= shutdown_deadline_) return true;
  return tasks_.empty() && now >= last_execution_ + quiet_;
}

}  // namespace executor
