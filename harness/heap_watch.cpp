#include "harness/heap_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>

#include "units/quantity.hpp"

namespace soakline {
namespace {

// Of a core, on average: the instrument as a whole is to stay below one percent.
constexpr double walking_share = 0.005;
// Of the heap: a walk that misses more would look like memory that was freed.
constexpr double most_unread = 0.02;
constexpr double seldom = 4;  // times the period: from there on it is worth a word

// Signals are for the thread that waits for them.
std::jthread quiet_thread(auto&& work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread(work);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

HeapWatch::HeapWatch(double period_s) : period_s_(period_s) {
  thread_ = quiet_thread([this](const std::stop_token& stop) { work(stop); });
}

std::optional<ChunkWalk> HeapWatch::at_sample(double time_s, const std::vector<int>& pids) {
  const std::scoped_lock lock(mutex_);
  if (state_ == State::asked) return std::nullopt;
  std::optional<ChunkWalk> walk;
  if (state_ == State::done) {
    if (is_complete()) walk = ChunkWalk{time_s, {sums_.counts.begin(), sums_.counts.end()}, sums_.free_bytes};
    due_s_ = began_s_ + uneven_(pause_s());
    std::move(notes_.begin(), notes_.end(), std::back_inserter(untold_));
    notes_.clear();
    state_ = State::idle;
  }
  if (time_s >= due_s_) {
    pids_ = pids;
    began_s_ = time_s;
    state_ = State::asked;
    wake_.notify_one();
  }
  return walk;
}

void HeapWatch::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [this] { return state_ == State::asked; })) {
    lock.unlock();
    walk_tree(stop);
    lock.lock();
    state_ = State::done;
  }
}

void HeapWatch::walk_tree(const std::stop_token& stop) {
  sums_.counts.assign(chunk_class_count, 0);
  sums_.bytes = sums_.free_bytes = sums_.unread_bytes = sums_.cpu_s = 0;
  for (const int pid : pids_) {
    walker_.follow(pid);
    walker_.walk(walk_, stop);
    sums_.cpu_s += walk_.cpu_s;
    note_process(pid);
    if (!walk_.unusable.empty()) continue;
    sums_.bytes += walk_.bytes;
    sums_.free_bytes += walk_.free_bytes;
    sums_.unread_bytes += walk_.unread_bytes;
    std::transform(walk_.counts.begin(), walk_.counts.end(), sums_.counts.begin(), sums_.counts.begin(),
                   std::plus<>());
  }
  note_tree();
}

double HeapWatch::pause_s() const {
  return std::max(period_s_, sums_.cpu_s / walking_share);
}

bool HeapWatch::is_complete() const {
  return sums_.bytes > 0 && sums_.unread_bytes <= most_unread * (sums_.bytes + sums_.unread_bytes);
}

void HeapWatch::note_process(int pid) {
  if (walk_.unusable == no_permission)
    note(walk_.unusable,
         fmt::format(
             "the heap of process {} may not be read, and memory is judged by RSS alone; run soakline "
             "as the user of the target, with CAP_SYS_PTRACE where kernel.yama.ptrace_scope asks for it",
             pid));
  else if (!walk_.unusable.empty() && walk_.unusable != is_gone)
    note(walk_.unusable,
         fmt::format("the heap of process {} cannot be walked ({}); its memory is judged by RSS "
                     "alone",
                     pid, walk_.unusable));
  if (walk_.broken > 0)
    note("broken",
         fmt::format("{} of {} heaps of process {} changed while they were read; {} were skipped. A "
                     "walk that skips more than {:.0f} % is left out",
                     walk_.broken, walk_.arenas, pid, format_bytes(walk_.unread_bytes), 100 * most_unread));
}

void HeapWatch::note_tree() {
  if (sums_.bytes > 0 && !is_complete())
    note("left out",
         fmt::format("{} of {} of the heaps could not be followed: such a walk is left out",
                     format_bytes(sums_.unread_bytes), format_bytes(sums_.bytes + sums_.unread_bytes)));
  if (pause_s() > seldom * period_s_)
    note("seldom",
         fmt::format("a walk of the heaps takes {:.2f} s of CPU: there is one every {:.0f} s instead of "
                     "every {:.0f} s, so that walking costs at most {:.1f} % of a core",
                     sums_.cpu_s, pause_s(), period_s_, 100 * walking_share));
}

void HeapWatch::note(std::string cause, std::string message) {
  if (told_.insert(cause).second) notes_.push_back({std::move(cause), std::move(message)});
}

}  // namespace soakline
