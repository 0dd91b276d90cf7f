// Tasks that are due at a time, once or at a fixed rate; told the time, it has no clock.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/executor/task.hpp"

namespace executor {

class ScheduledTasks {
 public:
  // Not due again if the period is zero.
  void add(Time due, Duration period, Task task);

  // Time::max() if there is none.
  Time next_due() const { return heap_.empty() ? Time::max() : heap_.front().due; }

  // All that are due, earliest first, those of one time in the order they were added. One at a fixed rate is
  // put back for the first of its times after now: beats that were missed are skipped, not made up for.
  std::vector<Task> take_due(Time now);

  void clear() { heap_.clear(); }

 private:
  struct Entry {
    Time due;
    std::uint64_t order;
    Duration period;
    Task task;
  };
  static bool later(const Entry& a, const Entry& b);
  void push(Entry entry);
  Entry pop();

  std::vector<Entry> heap_;  // the earliest in front
  std::uint64_t added_ = 0;
};

}  // namespace executor
