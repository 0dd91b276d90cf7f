#include "harness/agent/creations.hpp"

#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bit>
#include <cerrno>

#include "harness/agent/next_allocator.hpp"
#include "harness/agent/stack_copy.hpp"

namespace soakline {
namespace {

constexpr std::uint32_t most_a_second = 500;  // at some 3 us each
constexpr std::uint32_t probes = 16;          // for a record whose thread is gone
constexpr std::uint32_t mapping_probes = 8;
constexpr std::uint32_t pages_between_looks = 64;

std::uint64_t coarse_now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// The first ones of every second; threads that race for the first of all may get a few more.
class Budget {
 public:
  bool take(std::uint64_t now_ns) {
    const std::uint64_t second = now_ns / 1'000'000'000;
    if (second_and_taken_.load(std::memory_order_relaxed) >> 32 != second)
      second_and_taken_.store(second << 32, std::memory_order_relaxed);
    return static_cast<std::uint32_t>(second_and_taken_.fetch_add(1, std::memory_order_relaxed)) <
           most_a_second;
  }

 private:
  std::atomic<std::uint64_t> second_and_taken_{0};
};

// Apart, so that a server's connections do not hide its threads.
constinit Budget descriptor_budget, thread_budget, mapping_budget;

constinit std::atomic<std::uint32_t> pages_used, next_thread_record;

// A record used for the first time takes a page of shared memory, and a full one kills whoever writes to it.
bool may_use_page() {
  static constinit std::atomic<bool> is_full{false};
  if (pages_used.fetch_add(1, std::memory_order_relaxed) % pages_between_looks == 0)
    is_full.store(!live_counts.has_room(), std::memory_order_relaxed);
  return !is_full.load(std::memory_order_relaxed);
}

// The state while it is written; 0 where another is at it.
std::uint64_t begin(CreationState& state) {
  std::uint64_t was = state.load(std::memory_order_relaxed);
  if (is_being_written(was) || (was == 0 && !may_use_page())) return 0;
  const std::uint64_t writing = ((was >> 32) + 1) << 32;
  return state.compare_exchange_strong(was, writing, std::memory_order_acquire) ? writing : 0;
}

std::uint64_t end(CreationState& state, std::uint64_t writing, std::uint32_t owner) {
  const std::uint64_t written = ((writing >> 32) + 1) << 32 | owner;
  state.store(written, std::memory_order_release);
  return written;
}

void write(CreationRecord& record, const Caller& caller, pid_t pid, std::uint64_t now_ns) {
  note_caller(caller, record);
  record.born_ns = now_ns;
  record.bytes = copy_stack(caller, pid, record.memory, sizeof record.memory);
}

// A new descriptor took the number of a recorded one.
void forget(CreationState& state, std::uint32_t owner) {
  std::uint64_t was = state.load(std::memory_order_relaxed);
  if (owner_of(was) == owner) state.compare_exchange_strong(was, was - owner, std::memory_order_relaxed);
}

// Null where the process has no file of its own: without the agent, or as the child of a vfork.
LiveFile* own_file() {
  LiveFile* file = live_counts.file();
  return file != nullptr && static_cast<pid_t>(file->pid) == getpid() ? file : nullptr;
}

bool is_gone(std::uint64_t state, std::uint32_t pid) {
  if (state == 0) return true;
  if (is_being_written(state) || owner_of(state) == 0) return false;  // or has not begun
  return syscall(SYS_tgkill, pid, owner_of(state), 0) != 0 && errno == ESRCH;
}

constexpr std::uint32_t max_starts = 256;
ThreadStart starts[max_starts];
constinit std::atomic<std::uint64_t> starts_taken[max_starts / 64];

// Not allocated: what a thread frees gives it an arena of its own, which it may never have had.
ThreadStart* take_start() {
  for (std::uint32_t word = 0; word < max_starts / 64; ++word) {
    std::uint64_t taken = starts_taken[word].load(std::memory_order_relaxed);
    while (~taken != 0) {
      const std::uint64_t bit = ~taken & -~taken;  // the lowest that is free
      if (starts_taken[word].compare_exchange_weak(taken, taken | bit, std::memory_order_acquire))
        return &starts[word * 64 + static_cast<std::uint32_t>(std::countr_zero(bit))];
    }
  }
  return nullptr;
}

void give_start_back(const ThreadStart* start) {
  const auto number = static_cast<std::uint32_t>(start - starts);
  starts_taken[number / 64].fetch_and(~(std::uint64_t{1} << number % 64), std::memory_order_release);
}

// What a mapping's record is found by; odd, since 0 is nobody.
std::uint32_t owner_of_mapping(const void* address) {
  return static_cast<std::uint32_t>(
             (reinterpret_cast<std::uintptr_t>(address) >> 12) * 0x9e3779b97f4a7c15ULL >> 32) |
         1;
}

// Of the mapping that begins there, or of nobody; max_mapping_records where there is none.
std::uint32_t mapping_record(const LiveFile& file, const void* address, bool or_free) {
  const std::uint32_t owner = owner_of_mapping(address);
  std::uint32_t free = max_mapping_records;
  for (std::uint32_t i = 0; i < mapping_probes; ++i) {
    const std::uint32_t number = (owner / 2 + i) % max_mapping_records;
    const std::uint64_t state = file.creations.mapping_states[number].load(std::memory_order_relaxed);
    if (owner_of(state) == owner &&
        file.creations.mappings[number].address == reinterpret_cast<std::uintptr_t>(address))
      return number;
    if (or_free && free == max_mapping_records && owner_of(state) == 0 && !is_being_written(state))
      free = number;
  }
  return free;
}

// Code of the allocator that comes next.
struct {
  std::uintptr_t from = 0, to = 0;
} allocator_code;

int note_allocator_code(dl_phdr_info* object, std::size_t, void* inside) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(inside);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& part = object->dlpi_phdr[i];
    const std::uintptr_t from = object->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || wanted < from || wanted >= from + part.p_memsz) continue;
    allocator_code = {from, from + part.p_memsz};
    return 1;
  }
  return 0;
}

void in_fork_child() {
  for (auto& word : starts_taken) word.store(0, std::memory_order_relaxed);
}

}  // namespace

void follow_creations() {
  if (!live_counts.on()) return;
  pthread_atfork(nullptr, nullptr, in_fork_child);
  dl_iterate_phdr(note_allocator_code, reinterpret_cast<void*>(next_functions.malloc));
}

void descriptor_made(int descriptor, const Caller& caller) {
  LiveFile* file = own_file();
  if (file == nullptr) return;
  const auto owner = static_cast<std::uint32_t>(descriptor) + 1;
  const std::uint32_t place = static_cast<std::uint32_t>(descriptor) % max_descriptor_records;
  CreationState& state = file->creations.descriptor_states[place];
  const std::uint64_t now_ns = coarse_now_ns();
  const std::uint64_t writing = descriptor_budget.take(now_ns) ? begin(state) : 0;
  if (writing == 0) return forget(state, owner);
  CreationRecord& record = file->creations.descriptors[place];
  write(record, caller, static_cast<pid_t>(file->pid), now_ns);
  const int error = errno;
  struct stat status {};
  const bool is_open = fstat(descriptor, &status) == 0;
  errno = error;
  record.device = status.st_dev;
  record.inode = status.st_ino;
  end(state, writing, is_open ? owner : 0);
}

void mapping_made(void* address, std::size_t length, const Caller& caller, void* old) {
  LiveFile* file = own_file();
  if (file == nullptr || (caller.code >= allocator_code.from && caller.code < allocator_code.to)) return;
  CreationRecords& all = file->creations;
  const std::uint32_t before = old == nullptr ? max_mapping_records : mapping_record(*file, old, false);
  const std::uint64_t now_ns = coarse_now_ns();
  const std::uint64_t born_ns = before == max_mapping_records ? now_ns : all.mappings[before].born_ns;
  if (old != nullptr) mapping_ended(old);
  if (!mapping_budget.take(now_ns)) return mapping_ended(address);
  const std::uint32_t number = mapping_record(*file, address, true);
  if (number == max_mapping_records) return;
  CreationState& state = all.mapping_states[number];
  const std::uint64_t writing = begin(state);
  if (writing == 0) return;
  CreationRecord& record = all.mappings[number];
  write(record, caller, static_cast<pid_t>(file->pid), born_ns);
  record.address = reinterpret_cast<std::uintptr_t>(address);
  record.length = length;
  end(state, writing, owner_of_mapping(address));
}

void mapping_ended(void* address) {
  LiveFile* file = own_file();
  const std::uint32_t number = file == nullptr ? max_mapping_records : mapping_record(*file, address, false);
  if (number < max_mapping_records) forget(file->creations.mapping_states[number], owner_of_mapping(address));
}

ThreadStart* thread_asked_for(void* (*routine)(void*), void* argument, const Caller& caller) {
  LiveFile* file = own_file();
  const std::uint64_t now_ns = coarse_now_ns();
  if (file == nullptr || !thread_budget.take(now_ns)) return nullptr;
  ThreadStart* start = take_start();
  if (start == nullptr) return nullptr;
  const int error = errno;
  for (std::uint32_t i = 0; i < probes; ++i) {
    const std::uint32_t number = next_thread_record.load(std::memory_order_relaxed) % max_thread_records;
    CreationState& state = file->creations.thread_states[number];
    const bool is_free = is_gone(state.load(std::memory_order_relaxed), file->pid);
    if (const std::uint64_t writing = is_free ? begin(state) : 0; writing != 0) {
      write(file->creations.threads[number], caller, static_cast<pid_t>(file->pid), now_ns);
      *start = {routine, argument, number, end(state, writing, 0)};
      errno = error;
      return start;
    }
    next_thread_record.fetch_add(1, std::memory_order_relaxed);
  }
  errno = error;
  give_start_back(start);
  return nullptr;
}

void thread_not_made(ThreadStart* start) {
  live_counts.file()->creations.thread_states[start->record].store(0, std::memory_order_relaxed);
  give_start_back(start);
}

// The creator cannot know the id before the thread runs, and goes on meanwhile.
void* run_thread(void* taken) {
  const ThreadStart start = *static_cast<ThreadStart*>(taken);
  give_start_back(static_cast<ThreadStart*>(taken));
  live_counts.file()->creations.thread_states[start.record].store(
      start.state | static_cast<std::uint32_t>(gettid()), std::memory_order_release);
  void* const result = start.routine(start.argument);
  // Until then it lies on the stack: the argument may be all that points at what the thread owns, and
  // registers are not seen from outside.
  asm volatile("" : : "m"(start));
  return result;
}

}  // namespace soakline
