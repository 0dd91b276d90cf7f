// injection_target WAIT THREADS [PLUGIN]: a program that allocates before the agent comes and after, and
// knows what it made since. It says "ready", waits in the way named (poll, epoll, read, sleep, semaphore,
// pause, run) until SIGUSR1, and says "held BLOCKS BYTES" of what it made at a signal and keeps. THREADS work
// with blocks of all kinds all the while, and abort where one is not as it was left. PLUGIN is loaded at the
// first signal, and makes ten blocks at each.
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <thread>
#include <vector>

namespace {

volatile std::sig_atomic_t signalled = 0;
sem_t semaphore;

void on_signal(int) {
  signalled = 1;
}

long footprint(std::size_t bytes) {
  return std::max(32L, static_cast<long>((bytes + 8 + 15) / 16 * 16));
}

void wait_for_signal(std::string_view how) {
  static std::array<int, 2> pipe_ends{};
  static const bool made = pipe(pipe_ends.data()) == 0 && sem_init(&semaphore, 0, 0) == 0;
  static const int epoll = epoll_create1(0);
  char byte = 0;
  pollfd nothing{made ? pipe_ends[0] : -1, POLLIN, 0};
  epoll_event event{};
  while (signalled == 0) {
    if (how == "poll") poll(&nothing, 1, -1);
    if (how == "epoll") epoll_wait(epoll, &event, 1, -1);
    if (how == "read" && read(pipe_ends[0], &byte, 1) > 0) std::abort();
    if (how == "sleep") usleep(10'000'000);
    if (how == "semaphore") sem_wait(&semaphore);
    if (how == "pause") pause();
  }
  signalled = 0;
}

// A block whose bytes all depend on its size.
struct Block {
  unsigned char* at = nullptr;
  std::size_t bytes = 0;
  bool by_new = false;

  unsigned char pattern() const { return static_cast<unsigned char>(bytes * 7 + 1); }
  void fill() const {
    if (malloc_usable_size(at) < bytes) std::abort();
    std::memset(at, pattern(), bytes);
  }
  void check() const {
    for (std::size_t i = 0; i < bytes; ++i)
      if (at[i] != pattern()) std::abort();
  }
  void release() {
    check();
    by_new ? ::operator delete(at) : std::free(at);
    at = nullptr;
  }
};

Block make_block(unsigned kind, std::size_t bytes) {
  Block block{nullptr, bytes, false};
  void* at = nullptr;
  switch (kind % 6) {
    case 0:
      at = std::malloc(bytes);
      break;
    case 1:
      at = std::calloc(1, bytes);
      for (std::size_t i = 0; i < bytes; ++i)
        if (static_cast<unsigned char*>(at)[i] != 0) std::abort();
      break;
    case 2:
      if (posix_memalign(&at, 256, bytes) != 0 || reinterpret_cast<std::uintptr_t>(at) % 256 != 0)
        std::abort();
      break;
    case 3:
      at = std::aligned_alloc(64, bytes);
      break;
    case 4:
      at = reallocarray(nullptr, 1, bytes);
      break;
    default:
      at = ::operator new(bytes);
      block.by_new = true;
  }
  block.at = static_cast<unsigned char*>(at);
  block.fill();
  return block;
}

void resize(Block& block, std::size_t bytes) {
  block.check();
  auto* const moved = static_cast<unsigned char*>(std::realloc(block.at, bytes));
  for (std::size_t i = 0; i < std::min(bytes, block.bytes); ++i)
    if (moved[i] != block.pattern()) std::abort();
  block.at = moved;
  block.bytes = bytes;
  block.fill();
}

// Blocks live for some rounds: those of before the agent die after it came.
void work(unsigned seed, const std::atomic<bool>& stop) {
  std::array<Block, 200> blocks;
  std::uint32_t random = seed * 2654435761U + 1;
  while (!stop) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    Block& block = blocks[random % blocks.size()];
    if (block.at == nullptr)
      block = make_block(random >> 8, 1 + (random >> 12) % 3000);
    else if (!block.by_new && (random >> 20) % 3 == 0)
      resize(block, 1 + (random >> 12) % 3000);
    else
      block.release();
    // glibc's own blocks, which it makes and we free, or the other way round.
    if (random % 16 == 0) std::free(strdup("made by the library"));
    if (random % 64 == 0) {
      char* text = nullptr;
      std::size_t bytes = 0;
      FILE* memory = open_memstream(&text, &bytes);
      std::fprintf(memory, "%*d", static_cast<int>(random % 9000), 1);
      std::fclose(memory);
      std::free(text);
    }
  }
  for (Block& block : blocks)
    if (block.at != nullptr) block.release();
}

void make_by_plugin(const char* file) {
  static void* const plugin = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  using Make = void* (*)(std::size_t);
  static const auto make =
      plugin == nullptr ? nullptr : reinterpret_cast<Make>(dlsym(plugin, "plugin_block"));
  if (make == nullptr) std::abort();
  static std::array<void*, 1000> made;
  static std::size_t number = 0;
  for (int i = 0; i < 10; ++i) made.at(number++) = make(100);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string_view how = argv[1];
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGUSR1, &action, nullptr);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[2]); ++i)
    threads.emplace_back([&stop, i] { work(static_cast<unsigned>(i), stop); });

  static std::array<Block, 1000> old, kept;
  for (std::size_t i = 0; i < old.size(); ++i) old[i] = make_block(static_cast<unsigned>(i), 40 + i % 500);
  if (write(1, "ready\n", 6) != 6) return 1;

  for (long blocks = 0, bytes = 0; how != "end";) {
    wait_for_signal(how);
    for (Block& block : old) {
      if (block.at == nullptr) continue;
      if (block.bytes % 2 == 0 && !block.by_new)
        resize(block, block.bytes + 501);
      else
        block.release();
    }
    for (unsigned i = 0; i < kept.size(); ++i) {
      if (kept[i].at != nullptr) {
        --blocks, bytes -= footprint(kept[i].bytes);
        kept[i].release();
      }
      if (i % 4 == 3) continue;
      kept[i] = make_block(i, 24 + i % 700);
      if (i % 5 == 0 && !kept[i].by_new) resize(kept[i], 2000 + i);
      ++blocks, bytes += footprint(kept[i].bytes);
    }
    if (argc > 3) make_by_plugin(argv[3]);
    char line[64];
    const int length = std::snprintf(line, sizeof line, "held %ld %ld\n", blocks, bytes);
    if (write(1, line, static_cast<std::size_t>(length)) != length) return 1;
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}
