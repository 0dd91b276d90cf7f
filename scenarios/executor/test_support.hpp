// What the tests share: waiting for a state, counting threads and descriptors, an executor that records.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "scenarios/executor/task.hpp"

namespace executor {

// Looks again and again until it holds; false if it does not within a minute.
template <typename Condition>
bool wait_until(const Condition& holds) {
  const Time deadline = Clock::now() + std::chrono::minutes(1);
  while (!holds()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline std::size_t entries_of(const std::string& folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

inline std::size_t threads_of(const std::string& process) {
  return entries_of("/proc/" + process + "/task");
}
inline std::size_t descriptors_of(const std::string& process) {
  return entries_of("/proc/" + process + "/fd");
}
// How often its threads have waited for something and gone on.
inline long times_woken(const std::string& process) {
  long times = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + process + "/task")) {
    std::ifstream status(thread.path() / "status");
    for (std::string name; status >> name;)
      if (long switches = 0; name == "voluntary_ctxt_switches:" && status >> switches) times += switches;
  }
  return times;
}
inline std::size_t own_threads() {
  return threads_of("self");
}
inline std::size_t own_descriptors() {
  return descriptors_of("self");
}

// To compare with later: a sanitizer's own thread, which comes with the first of ours, is counted already.
inline std::size_t own_threads_before() {
  pid_t id = 0;
  std::thread([&] { id = gettid(); }).join();
  wait_until([&] { return !std::filesystem::exists("/proc/self/task/" + std::to_string(id)); });
  return own_threads();
}

// Runs each task at once, on the thread that brings it, and remembers that thread.
class RecordingExecutor : public Executor {
 public:
  void execute(Task task) override {
    task();
    const std::lock_guard lock(mutex_);
    callers_.push_back(std::this_thread::get_id());
  }
  std::vector<std::thread::id> callers() const {
    const std::lock_guard lock(mutex_);
    return callers_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::thread::id> callers_;
};

}  // namespace executor
