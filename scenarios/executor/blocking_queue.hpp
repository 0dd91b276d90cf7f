// A first-in first-out queue whose take() blocks until there is something to take.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "scenarios/executor/task.hpp"

namespace executor {

// The queue was closed and everything in it has been taken.
struct QueueClosed : std::runtime_error {
  QueueClosed() : std::runtime_error("the queue is closed") {}
};

template <typename T>
class BlockingQueue {
 public:
  // Throws RejectedExecution once closed.
  void put(T value) {
    const std::lock_guard lock(mutex_);
    if (closed_) throw RejectedExecution("the task queue is closed");
    values_.push_back(std::move(value));
    filled_.notify_one();
  }

  // Blocks while the queue is empty and open: for ever, if nobody puts and nobody closes.
  T take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !values_.empty(); });
    if (values_.empty()) throw QueueClosed();
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> values_;
  bool closed_ = false;
};

}  // namespace executor
