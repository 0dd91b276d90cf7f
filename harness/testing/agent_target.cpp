// agent_target MODE [N]: a program for tests of the agent that knows what it holds, and says "held BLOCKS
// BYTES". Its own books are no heap of its own: whatever this file allocates is counted.
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

namespace {

constexpr int slots = 4096;
constexpr int most_threads = 512;

// What a block takes of glibc's heap.
long footprint(std::size_t bytes) {
  return std::max(32L, static_cast<long>((bytes + 8 + 15) / 16 * 16));
}

struct Held {
  char* block;
  std::size_t bytes;
  int entry;  // point that made it
};
Held held[slots];
std::atomic<long> blocks_held, bytes_held;
pthread_mutex_t slot_locks[slots];

[[noreturn]] void wait_for_the_end() {
  for (;;) pause();
}

[[noreturn]] void say_what_is_held() {
  char line[64];
  const int length =
      std::snprintf(line, sizeof line, "held %ld %ld\n", blocks_held.load(), bytes_held.load());
  if (write(1, line, static_cast<std::size_t>(length)) != length) _exit(1);
  wait_for_the_end();
}

[[noreturn]] void fail(const char* what, int entry) {
  std::fprintf(stderr, "%s, entry point %d\n", what, entry);
  std::_Exit(1);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_ % bound;
  }

 private:
  std::uint64_t state_;
};

constexpr int entry_points = 15;
constexpr int first_operator = 9;

char* allocate(int entry, std::size_t bytes, std::size_t alignment) {
  void* block = nullptr;
  switch (entry) {
    case 0:
      block = std::malloc(bytes);
      break;
    case 1:
      block = std::calloc(bytes, 1);
      for (std::size_t i = 0; block != nullptr && i < bytes; ++i)
        if (static_cast<char*>(block)[i] != 0) fail("not zero", entry);
      break;
    case 2:
      block = std::realloc(nullptr, bytes);
      break;
    case 3:
      block = reallocarray(nullptr, 1, bytes);
      break;
    case 4:
      block = std::aligned_alloc(alignment, bytes);
      break;
    case 5:
      if (posix_memalign(&block, alignment, bytes) != 0) block = nullptr;
      break;
    case 6:
      block = memalign(alignment, bytes);
      break;
    case 7:
      block = valloc(bytes);
      break;
    case 8:
      block = pvalloc(bytes);
      break;
    case 9:
      block = ::operator new(bytes);
      break;
    case 10:
      block = ::operator new[](bytes);
      break;
    case 11:
      block = ::operator new(bytes, std::nothrow);
      break;
    case 12:
      block = ::operator new[](bytes, std::nothrow);
      break;
    case 13:
      block = ::operator new (bytes, std::align_val_t{alignment});
      break;
    default:
      block = ::operator new[](bytes, std::align_val_t{alignment}, std::nothrow);
  }
  if (block == nullptr) fail("no memory", entry);
  const bool is_aligned = (entry >= 4 && entry <= 6) || entry >= 13;
  if (reinterpret_cast<std::uintptr_t>(block) % (is_aligned ? alignment : 16) != 0)
    fail("not aligned", entry);
  if (malloc_usable_size(block) < bytes) fail("too small", entry);
  return static_cast<char*>(block);
}

void release(const Held& slot) {
  for (std::size_t i = 0; i < slot.bytes; ++i)
    if (slot.block[i] != static_cast<char>(slot.bytes)) fail("overwritten", slot.entry);
  if (slot.entry < first_operator)
    std::free(slot.block);
  else if (slot.entry < 13)
    ::operator delete(slot.block);
  else
    ::operator delete (slot.block, std::align_val_t{16});
}

void put(Held& slot, int entry, std::size_t bytes, std::size_t alignment) {
  slot = {allocate(entry, bytes, alignment), entry == 8 ? (bytes + 4095) / 4096 * 4096 : bytes, entry};
  std::memset(slot.block, static_cast<int>(slot.bytes), slot.bytes);
  ++blocks_held;
  bytes_held += footprint(slot.bytes);
}

void take(Held& slot) {
  release(slot);
  --blocks_held;
  bytes_held -= footprint(slot.bytes);
  slot.block = nullptr;
}

void resize(Held& slot, std::size_t bytes) {
  void* moved = std::realloc(slot.block, bytes);
  if (moved == nullptr) fail("no memory", slot.entry);
  for (std::size_t i = 0; i < std::min(bytes, slot.bytes); ++i)
    if (static_cast<char*>(moved)[i] != static_cast<char>(slot.bytes)) fail("not copied", slot.entry);
  bytes_held += footprint(bytes) - footprint(slot.bytes);
  slot = {static_cast<char*>(moved), bytes, slot.entry};
  std::memset(slot.block, static_cast<int>(bytes), bytes);
}

void* use_every_entry(void* seed) {
  Random random(*static_cast<std::uint64_t*>(seed));
  for (int i = 0; i < 20'000; ++i) {
    const auto number = random.below(slots);
    pthread_mutex_lock(&slot_locks[number]);
    Held& slot = held[number];
    const std::size_t bytes = 1 + random.below(random.below(50) == 0 ? 20'000 : 300);
    if (slot.block == nullptr)
      put(slot, static_cast<int>(random.below(entry_points)), bytes, std::size_t{16} << random.below(8));
    else if (slot.entry < first_operator && random.below(3) == 0)
      resize(slot, bytes);
    else
      take(slot);
    pthread_mutex_unlock(&slot_locks[number]);
  }
  return nullptr;
}

void* hold_ten(void*) {
  for (int i = 0; i < 10; ++i) {
    static std::atomic<int> next{0};
    put(held[next++ % slots], 0, 77, 0);
  }
  return nullptr;
}

void in_threads(int threads, int at_once, void* (*work)(void*)) {
  static pthread_t running[most_threads];
  static std::uint64_t seeds[most_threads];
  for (int first = 0; first < threads; first += at_once) {
    for (int i = 0; i < at_once; ++i) {
      seeds[i] = static_cast<std::uint64_t>(first + i);
      pthread_create(&running[i], nullptr, work, &seeds[i]);
    }
    for (int i = 0; i < at_once; ++i) pthread_join(running[i], nullptr);
  }
}

void hold(int first, int blocks, std::size_t bytes) {
  for (int i = 0; i < blocks; ++i) put(held[first + i], 0, bytes, 0);
}

// A leak beside a thousand times as many blocks that go again.
[[gnu::noinline]] void keep_forever() {
  static void* last;
  void** block = static_cast<void**>(std::malloc(64));
  *block = last;
  last = block;
}

[[noreturn]] void leak() {
  if (write(1, "held 0 0\n", 9) != 9) _exit(1);
  for (;;) {
    keep_forever();
    for (int i = 0; i < 1000; ++i) std::free(allocate(0, 64, 0));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const int n = argc > 2 ? std::atoi(argv[2]) : 0;
  for (pthread_mutex_t& lock : slot_locks) pthread_mutex_init(&lock, nullptr);
  if (mode == "leak") leak();
  if (mode == "hold") hold(0, n, 100);
  if (mode == "every-entry") in_threads(n, n, use_every_entry);
  if (mode == "threads-in-turn") in_threads(n, 4, hold_ten);
  if (mode == "exec") {
    hold(0, n, 100);
    execl("/proc/self/exe", argv[0], "hold", argv[2], nullptr);
  }
  if (mode == "fork") {
    hold(0, n, 100);
    if (fork() == 0) {
      blocks_held = bytes_held = 0;
      for (int i = 0; i < n / 2; ++i) release(held[i]);  // of its parent's, which it does not count
      hold(n, n / 4, 200);
    }
  }
  if (mode == "commands") {
    hold(0, n, 100);
    for (int i = 0; i < 20; ++i)
      if (std::system("true") != 0) fail("no command", i);
  }
  if (mode == "grow") {
    put(held[0], 2, 1000, 0);
    for (int i = 2; i <= n; ++i) resize(held[0], 1000 * static_cast<std::size_t>(i));
  }
  say_what_is_held();
}
