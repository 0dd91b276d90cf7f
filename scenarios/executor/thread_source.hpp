// Where the schedulers' threads come from: counted, up to a maximum, and heard of when there are no more.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "scenarios/executor/task.hpp"

namespace executor {

// A thread was needed at the maximum, or the system refused one; what() says which.
struct ThreadsExhausted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class ThreadSource {
 public:
  using OnExhausted = std::function<void(const ThreadsExhausted&)>;

  // on_exhausted hears of it first, on the thread that asked, and need not return.
  explicit ThreadSource(std::size_t max_threads, OnExhausted on_exhausted = {})
      : max_threads_(max_threads), on_exhausted_(std::move(on_exhausted)) {}

  // Throws ThreadsExhausted. The name shows in /proc, cut to 15 characters.
  std::thread start(std::string name, Task body);

  // Running now.
  std::size_t threads() const { return *threads_; }

 private:
  [[noreturn]] void exhausted(const std::string& why);

  const std::size_t max_threads_;
  const OnExhausted on_exhausted_;
  // Shared, because a thread that never returns outlives its source.
  std::shared_ptr<std::atomic<std::size_t>> threads_ = std::make_shared<std::atomic<std::size_t>>(0);
};

// Names the calling thread, for those who look at it from outside.
void name_this_thread(const std::string& name);

}  // namespace executor
