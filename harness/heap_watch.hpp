// Walks the heaps of a target's processes between the samples, in a thread of its own so that none is late.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/heap_walk.hpp"
#include "harness/judge/recording.hpp"
#include "harness/uneven_pause.hpp"

namespace soakline {

// What people should know of the walks: why something was not walked, or is walked seldom.
struct HeapNote {
  std::string cause, message;
};

class HeapWatch {
 public:
  // `period_s`: seconds from one walk to the next on average, more where that would cost too much.
  explicit HeapWatch(double period_s);

  // At every sample: begins a walk of these processes if one is due and hands over the one that has ended
  // since the last sample, the sums of its processes at this sample's time; nothing where none could be
  // walked.
  std::optional<ChunkWalk> at_sample(double time_s, const std::vector<int>& pids);
  // What the walks handed over so far have shown that was not told yet, each cause once a run.
  std::vector<HeapNote> take_notes() { return std::exchange(untold_, {}); }

 private:
  struct Sums {
    std::vector<double> counts;
    double bytes = 0, free_bytes = 0, unread_bytes = 0, cpu_s = 0;
  };
  void work(const std::stop_token& stop);
  void walk_tree(const std::stop_token& stop);
  void note_process(int pid);
  void note_tree();
  void note(std::string cause, std::string message);
  double pause_s() const;
  bool is_complete() const;

  double period_s_;
  double began_s_ = 0, due_s_ = 0;
  UnevenPause uneven_;
  std::vector<HeapNote> untold_;
  // The thread's own while a walk is on, the caller's otherwise.
  HeapWalker walker_{0};
  HeapWalk walk_;
  Sums sums_;
  std::vector<int> pids_;
  std::vector<HeapNote> notes_;
  std::set<std::string> told_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  enum class State { idle, asked, done } state_ = State::idle;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace soakline
