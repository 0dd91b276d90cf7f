// agent_target MODE [N]: a program for tests of the agent that knows what it holds, and says "held BLOCKS
// BYTES". Its own books are no heap of its own: whatever this file allocates is counted.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr int slots = 4096;

// What a block takes of glibc's heap.
long footprint(std::size_t bytes) {
  return std::max(32L, static_cast<long>((bytes + 8 + 15) / 16 * 16));
}

struct Held {
  char* block;
  std::size_t bytes;
};
Held held[slots];
std::atomic<long> blocks_held, bytes_held;

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

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::_Exit(1);
}

void put(Held& slot, std::size_t bytes) {
  slot = {static_cast<char*>(std::malloc(bytes)), bytes};
  ++blocks_held;
  bytes_held += footprint(bytes);
}

void resize(Held& slot, std::size_t bytes) {
  bytes_held += footprint(bytes) - footprint(slot.bytes);
  slot = {static_cast<char*>(std::realloc(slot.block, bytes)), bytes};
}

void* hold_ten(void*) {
  for (int i = 0; i < 10; ++i) {
    static std::atomic<int> next{0};
    put(held[next++ % slots], 77);
  }
  return nullptr;
}

void in_threads_in_turn(int threads, int at_once, void* (*work)(void*)) {
  pthread_t running[8];
  for (int first = 0; first < threads; first += at_once) {
    for (int i = 0; i < at_once; ++i) pthread_create(&running[i], nullptr, work, nullptr);
    for (int i = 0; i < at_once; ++i) pthread_join(running[i], nullptr);
  }
}

void hold(int first, int blocks, std::size_t bytes) {
  for (int i = 0; i < blocks; ++i) put(held[first + i], bytes);
}

// A leak beside a thousand times as many blocks that go again.
[[gnu::noinline]] void keep_forever() {
  static void* last;
  void** block = static_cast<void**>(std::malloc(64));
  *block = last;
  last = block;
}

[[gnu::noinline]] void* make_short_lived() {
  void* block = std::malloc(64);
  asm volatile("" : "+r"(block));  // it is not left out
  return block;
}

[[noreturn]] void leak() {
  if (write(1, "held 0 0\n", 9) != 9) _exit(1);
  for (;;) {
    keep_forever();
    for (int i = 0; i < 1000; ++i) std::free(make_short_lived());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const int n = argc > 2 ? std::atoi(argv[2]) : 0;
  if (mode == "leak") leak();
  if (mode == "hold") hold(0, n, 100);
  if (mode == "threads-in-turn") in_threads_in_turn(n, 4, hold_ten);
  if (mode == "exec") {
    hold(0, n, 100);
    execl("/proc/self/exe", argv[0], "hold", argv[2], nullptr);
  }
  if (mode == "exec-bare") {  // at SIGUSR1, without the agent
    hold(0, n, 100);
    signal(SIGUSR1, [](int) {
      char* const arguments[] = {const_cast<char*>("agent_target"), nullptr};
      char* const nothing[] = {nullptr};
      execve("/proc/self/exe", arguments, nothing);
    });
  }
  if (mode == "fork") {
    hold(0, n, 100);
    if (fork() == 0) {
      blocks_held = bytes_held = 0;
      for (int i = 0; i < n / 2; ++i) std::free(held[i].block);  // of its parent's, which it does not count
      hold(n, n / 4, 200);
    }
  }
  if (mode == "commands") {
    hold(0, n, 100);
    for (int i = 0; i < 20; ++i)
      if (std::system("true") != 0) fail("no command");
  }
  if (mode == "grow") {
    put(held[0], 1000);
    for (int i = 2; i <= n; ++i) resize(held[0], 1000 * static_cast<std::size_t>(i));
  }
  say_what_is_held();
}
