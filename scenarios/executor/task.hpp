// What is run, on what, and the clock of it all.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>

namespace executor {

using Task = std::function<void()>;
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

// The executor or queue has ended and takes no more tasks.
struct RejectedExecution : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs the task later, on the executor's own thread. Throws RejectedExecution once the executor has ended.
  virtual void execute(Task task) = 0;
};

}  // namespace executor
