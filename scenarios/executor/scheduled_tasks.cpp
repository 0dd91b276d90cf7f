#include "scenarios/executor/scheduled_tasks.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace executor {

bool ScheduledTasks::later(const Entry& a, const Entry& b) {
  return std::tie(a.due, a.order) > std::tie(b.due, b.order);
}

void ScheduledTasks::push(Entry entry) {
  heap_.push_back(std::move(entry));
  std::push_heap(heap_.begin(), heap_.end(), later);
}

ScheduledTasks::Entry ScheduledTasks::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Entry entry = std::move(heap_.back());
  heap_.pop_back();
  return entry;
}

void ScheduledTasks::add(Time due, Duration period, Task task) {
  push({due, added_++, period, std::move(task)});
}

std::vector<Task> ScheduledTasks::take_due(Time now) {
  std::vector<Task> due;
  while (next_due() <= now) {
    Entry entry = pop();
    due.push_back(entry.task);
    if (entry.period <= Duration::zero()) continue;
    entry.due += entry.period * ((now - entry.due) / entry.period + 1);
    push(std::move(entry));
  }
  return due;
}

}  // namespace executor
