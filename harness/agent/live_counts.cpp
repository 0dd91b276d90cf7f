#include "harness/agent/live_counts.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "harness/agent/stack_copy.hpp"

namespace soakline {

constinit LiveCounts live_counts;
thread_local constinit Stripe stripe;

namespace {

// Room that must be free beside what the file may come to hold: a full tmpfs kills whoever writes to it.
constexpr std::uint64_t room_bytes = 32 << 20;
constexpr int tries = 1000;  // of a name: a process may have replaced its program that often

pthread_key_t end_of_thread;
constinit bool follows_threads = false;

// As a folder's entry: "PID.N".
class FileName {
 public:
  FileName(const char* folder, std::uint32_t pid, int n) {
    put(folder);
    put("/");
    put(pid);
    put(".");
    put(static_cast<std::uint32_t>(n));
  }
  const char* c_str() const { return text_; }

 private:
  void put(const char* text) {
    for (; *text != 0 && at_ + 1 < sizeof text_; ++text) text_[at_++] = *text;
  }
  void put(std::uint32_t number) {
    char digits[11] = {};
    std::size_t at = sizeof digits - 1;
    do digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    put(digits + at);
  }
  char text_[4096] = {};
  std::size_t at_ = 0;
};

// Kept from the start: the program may change its environment.
char folder[3800];

bool is_enough(const struct statfs& room) {
  return static_cast<std::uint64_t>(room.f_bsize) * room.f_bavail >= room_bytes;
}

bool has_room(int file) {
  struct statfs room {};
  return fstatfs(file, &room) == 0 && is_enough(room);
}

bool is_as_long_as(int file, std::size_t bytes) {
  struct stat status {};
  return fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) >= bytes;
}

void* map_shared(const char* name, std::size_t bytes, int flags, int protection, void* at) {
  const int file = open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return MAP_FAILED;
  const bool makes = (flags & O_CREAT) != 0;
  void* mapped = MAP_FAILED;
  // Whoever reads beyond a file's end, or writes to a full one, dies.
  if (makes ? has_room(file) && ftruncate(file, static_cast<off_t>(bytes)) == 0 : is_as_long_as(file, bytes))
    mapped = mmap(at, bytes, protection, MAP_SHARED | (at != nullptr ? MAP_FIXED : 0), file, 0);
  if (mapped == MAP_FAILED && makes) unlink(name);
  close(file);
  return mapped;
}

}  // namespace

void LiveCounts::start() {
  if (tried_ || environ == nullptr) return;
  tried_ = true;
  if (const char* named = getenv(agent_variable)) start_in(named);
}

bool LiveCounts::start_in(const char* named) {
  const std::size_t length = std::strlen(named);
  if (*named != '/' || length >= sizeof folder) return false;
  std::memcpy(folder, named, length + 1);
  rlimit largest{};
  if (getrlimit(RLIMIT_FSIZE, &largest) == 0 && largest.rlim_cur < sizeof(LiveFile)) return false;
  constexpr char clock_file[] = "/clock";
  char clock_name[sizeof folder + sizeof clock_file];
  std::memcpy(clock_name, folder, length);
  std::memcpy(clock_name + length, clock_file, sizeof clock_file);
  // Another time, all of it comes to lie where it lay: threads and blocks that know the addresses live on.
  void* clock =
      map_shared(clock_name, sizeof(LiveClock), O_RDONLY, PROT_READ, const_cast<LiveClock*>(clock_));
  if (clock == MAP_FAILED) return false;
  clock_ = static_cast<const LiveClock*>(clock);
  if (file_ != nullptr) ++generation_;  // what was counted in another file does not die in this one
  const bool made = map_file(file_);
  if (file_ == nullptr) clock_ = nullptr;
  return made;
}

// `at`: over the parent's, so that no address changes.
bool LiveCounts::map_file(void* at) {
  const int error = errno;
  const auto pid = static_cast<std::uint32_t>(getpid());
  void* mapped = MAP_FAILED;
  for (int n = 0; n < tries && mapped == MAP_FAILED; ++n) {
    mapped = map_shared(FileName(folder, pid, n).c_str(), sizeof(LiveFile), O_RDWR | O_CREAT | O_EXCL,
                        PROT_READ | PROT_WRITE, at);
    if (mapped == MAP_FAILED && errno != EEXIST) break;
  }
  const bool made = mapped != MAP_FAILED;
  // A child without a file counts where nobody reads it.
  if (!made && at != nullptr)
    mapped = mmap(at, sizeof(LiveFile), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  errno = error;
  if (mapped == MAP_FAILED) return false;
  madvise(mapped, sizeof(LiveFile), MADV_DONTDUMP);
  auto* file = static_cast<LiveFile*>(mapped);
  if (secret_ == 0) secret_ = header_secret(reinterpret_cast<std::uintptr_t>(mapped));
  file->pid = pid;
  file->mapped_at = reinterpret_cast<std::uintptr_t>(mapped);
  file->generation = generation_;
  file->stripes_taken = file->stripes_used = 1;
  file->sites_used = 1;
  file->magic.store(live_file_magic, std::memory_order_release);
  file_ = file;
  return made;
}

bool LiveCounts::has_room() const {
  const int error = errno;
  struct statfs room {};
  const bool enough = statfs(folder, &room) == 0 && is_enough(room);
  errno = error;
  return enough;
}

void LiveCounts::follow_threads_and_forks() {
  if (!on() || pthread_key_create(&end_of_thread, give_stripe_back) != 0) return;
  follows_threads = true;
  pthread_atfork(nullptr, nullptr, in_fork_child);
}

void LiveCounts::in_fork_child() {
  ++live_counts.generation_;
  live_counts.map_file(live_counts.file_);
  stripe = {};
}

void LiveCounts::take_stripe() {
  stripe = {generation_, 0, stripe.chance};  // while pthread_setspecific allocates, too
  std::uint64_t taken = file_->stripes_taken.load();
  std::uint64_t bit = 0;
  do {
    bit = ~taken & -~taken;  // the lowest that is free
    if (bit == 0) return;
  } while (!file_->stripes_taken.compare_exchange_weak(taken, taken | bit, std::memory_order_acquire));
  file_->stripes_used.fetch_or(bit);
  const auto number = static_cast<std::uint32_t>(std::countr_zero(bit));
  // The first thread's is never given back.
  if (follows_threads && pthread_setspecific(end_of_thread, file_) != 0) {
    file_->stripes_taken.fetch_and(~bit);
    return;
  }
  stripe = {generation_, number, stripe.chance + number};
}

// Other destructors may allocate after this one.
void LiveCounts::give_stripe_back(void*) {
  const std::uint32_t number = stripe.number;
  stripe = {live_counts.generation_, 0, stripe.chance};
  if (number > 0)
    live_counts.file_->stripes_taken.fetch_and(~(std::uint64_t{1} << number), std::memory_order_release);
}

std::uint32_t LiveCounts::sample_stack(std::uint32_t site, const Caller& caller) {
  stripe.chance ^= stripe.chance << 13, stripe.chance ^= stripe.chance >> 17,
      stripe.chance ^= stripe.chance << 5;
  const std::uint32_t one_of = file_->sample_one_of[site].load(std::memory_order_relaxed);
  if (one_of == 0 || stripe.chance % one_of != 0) return 0;
  if (file_->samples_allowed.load(std::memory_order_relaxed) <= 0) return 0;
  const std::uint32_t number = take_sample();
  if (number == max_samples) return 0;
  file_->samples_allowed.fetch_sub(1, std::memory_order_relaxed);
  StackSample& sample = file_->samples[number];
  sample.site = site;
  note_caller(caller, sample);
  sample.bytes = copy_stack(caller, static_cast<pid_t>(file_->pid), sample.memory, sizeof sample.memory);
  file_->sampled[site].fetch_add(1, std::memory_order_relaxed);
  file_->samples_whole[number / 64].fetch_or(std::uint64_t{1} << number % 64, std::memory_order_release);
  return number + 1;
}

// max_samples where all of them are of blocks that live still.
std::uint32_t LiveCounts::take_sample() {
  for (std::uint32_t word = 0; word < max_samples / 64; ++word) {
    std::uint64_t taken = file_->samples_taken[word].load(std::memory_order_relaxed);
    while (~taken != 0) {
      const std::uint64_t bit = ~taken & -~taken;  // the lowest that is free
      if (file_->samples_taken[word].compare_exchange_weak(taken, taken | bit))
        return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bit));
    }
  }
  return max_samples;
}

void LiveCounts::forget_sample(std::uint32_t sample) {
  const std::uint32_t word = (sample - 1) / 64;
  const std::uint64_t bit = std::uint64_t{1} << (sample - 1) % 64;
  file_->samples_whole[word].fetch_and(~bit, std::memory_order_relaxed);
  file_->samples_taken[word].fetch_and(~bit, std::memory_order_release);
}

Birth LiveCounts::born(std::uint64_t size, const Caller& caller) {
  if (!has_stripe()) take_stripe();
  Birth birth{size, site(caller.code, size), clock_->epoch.load(std::memory_order_relaxed), header_bytes_log2,
              generation_};
  birth.sample = sample_stack(birth.site, caller);
  add_young(birth, block_of(size));
  return birth;
}

void LiveCounts::died(const Birth& birth) {
  if (birth.generation != (generation_ & 31)) return;
  if (!has_stripe()) take_stripe();
  if (birth.sample != 0) forget_sample(birth.sample);
  add(birth, -block_of(birth.size));
}

Birth LiveCounts::resized(Birth birth, std::uint64_t size, const Caller& caller) {
  died(birth);
  birth.size = size;
  birth.site = site(caller.code, size);
  birth.generation = generation_;
  birth.sample = 0;
  add(birth, block_of(size));
  return birth;
}

// Open addressing; entries are never removed.
std::uint32_t LiveCounts::site(std::uint64_t code, std::uint64_t size) {
  constexpr std::uint64_t places = 2 * max_sites;
  const SiteKey key(code, size);
  std::uint32_t number = 0;
  std::uint64_t mine = 0;
  for (std::uint64_t i = 0; i < places; ++i) {
    auto& place = file_->site_table[(key.spread() + i) & (places - 1)];
    std::uint64_t entry = place.load(std::memory_order_acquire);
    if (entry == 0) {
      if (mine == 0) {
        number = file_->sites_used.load(std::memory_order_relaxed);
        do
          if (number >= max_sites) return 0;
        while (!file_->sites_used.compare_exchange_weak(number, number + 1));
        file_->sites[number] = {code, key.size_class()};
        mine = key.entry(number);
      }
      if (place.compare_exchange_strong(entry, mine, std::memory_order_acq_rel)) entry = mine;
    }
    if (key.is_of(entry)) {
      cached(key).store(entry, std::memory_order_relaxed);
      return SiteKey::number_in(entry);
    }
  }
  return 0;
}

}  // namespace soakline
