// agent_stress BOOKS THREADS SECONDS: uses and checks an allocator in every way there is, and keeps books of
// it (StressBooks in the file BOOKS). Says "held" when its time is over, waits for SIGTERM, frees all and
// ends.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

#include "harness/agent/block_header.hpp"
#include "harness/testing/every_entry.hpp"
#include "harness/testing/stress_books.hpp"

extern "C" char __executable_start, etext;  // the linker's

namespace soakline {
namespace {

constexpr std::size_t slots = 8192;
constexpr int steps = 20'000;  // of a worker's life
#ifdef __SANITIZE_ADDRESS__
// It ends a program that asks for too much, and its locks stay taken in a fork's child.
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

struct Slot {
  pthread_mutex_t lock;
  Block block;
};
Slot shared[slots];
StressBooks* books;
pthread_key_t last_words;

// One thread of this program; its books are its own while it lives.
struct Worker {
  int number;
  Random random;
  Block of_signals{}, of_the_end{};

  StressWorker& account() const { return books->workers[number]; }

  Block born(const Wish& wish) const {
    const auto bytes = static_cast<std::int64_t>(footprint(wish.counted_bytes()));
    account().births_begun.add(bytes);
    const Block block = allocate(wish);
    account().births.add(bytes);
    return block;
  }
  void dies(Block& block) {
    if (block.at == nullptr) return;
    const auto bytes = static_cast<std::int64_t>(footprint(block.bytes));
    account().deaths_begun.add(bytes);
    release(block, random);
    account().deaths.add(bytes);
    block.at = nullptr;
  }
  void resizes(Block& block, std::size_t bytes) {
    const auto before = static_cast<std::int64_t>(footprint(block.bytes));
    const auto after = static_cast<std::int64_t>(footprint(bytes));
    account().births_begun.add(after), account().deaths_begun.add(before);
    block = resize(block, bytes, random);
    account().births.add(after), account().deaths.add(before);
  }
  void replaces(Block& block) {
    dies(block);
    block = born(Wish::by_chance(random));
  }

  // Some slots are looked at seldom, so that their blocks grow old.
  void step() {
    Slot& slot = shared[random.below(random.below(slots) + 1)];
    pthread_mutex_lock(&slot.lock);
    const Wish wish = Wish::by_chance(random);
    if (slot.block.at == nullptr)
      slot.block = born(wish);
    else if (slot.block.family == Family::c && wish.bytes > 0 && random.below(3) == 0)
      resizes(slot.block, wish.bytes);
    else
      dies(slot.block);
    pthread_mutex_unlock(&slot.lock);
  }
};

[[gnu::tls_model("initial-exec")]] thread_local Worker* self;

// Raised by the thread itself, outside of the allocator: as far as glibc permits.
void on_signal(int) {
  self->replaces(self->of_signals);
}

// After the agent's own destructor, or before: keys are destroyed in no order that a program could rely on.
void at_the_end(void* worker) {
  auto& ending = *static_cast<Worker*>(worker);
  ending.dies(ending.of_the_end);
  ending.dies(ending.of_signals);
  Block last = ending.born({0, 50, 16});
  ending.dies(last);
}

void* live(void* worker) {
  self = static_cast<Worker*>(worker);
  pthread_setspecific(last_words, worker);
  for (int i = 0; i < steps; ++i) {
    self->step();
    if (i % 1000 == 0) raise(SIGUSR1);
    if (is_sanitized || i % 5000 != 0) continue;
    Block kept = self->born(Wish::of_malloc(100));
    be_refused(kept);
    self->dies(kept);
  }
  self->replaces(self->of_the_end);
  return nullptr;
}

void use_every_entry(int calls) {
  static Block own[64];
  Random random(static_cast<std::uint64_t>(getpid()));
  for (int i = 0; i < calls; ++i) {
    Block& block = own[random.below(64)];
    if (block.at != nullptr) release(block, random);
    block = allocate(Wish::by_chance(random));
  }
  for (Block& block : own)
    if (block.at != nullptr) release(block, random), block.at = nullptr;
}

void* use_every_entry_in_a_thread(void*) {
  use_every_entry(500);
  return nullptr;
}

void expect_success(pid_t child, const char* what) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    fail(what, static_cast<std::size_t>(status));
}

// A child has heap, agent and signal handlers of its own, whatever the parent's other threads were doing.
void have_children() {
  const pid_t forked = fork();
  if (forked == 0) {
    if (is_sanitized) _exit(0);
    use_every_entry(500);
    pthread_t thread{};
    if (pthread_create(&thread, nullptr, use_every_entry_in_a_thread, nullptr) != 0) _exit(2);
    pthread_join(thread, nullptr);
    _exit(0);
  }
  char program[] = "/proc/self/exe", mode[] = "child";
  char* const arguments[] = {program, mode, nullptr};
  pid_t spawned = -1;  // glibc's posix_spawn shares the memory with its child, as vfork does
  if (posix_spawn(&spawned, program, nullptr, nullptr, arguments, environ) != 0) fail("posix_spawn", 0);
  const pid_t vforked = vfork();
  if (vforked == 0) {
    execv(program, arguments);
    _exit(127);
  }
  expect_success(forked, "fork");
  expect_success(spawned, "posix_spawn");
  expect_success(vforked, "vfork");
}

// Blocks of a library that is gone when they are freed, as is the code that made them.
void load_and_unload() {
  char path[4096] = {};
  if (readlink("/proc/self/exe", path, sizeof path - 32) < 0) fail("readlink", 0);
  std::strcpy(std::strrchr(path, '/'), "/libstress_plugin.so");
  void* library = dlopen(path, RTLD_NOW);
  if (library == nullptr) fail(dlerror(), 0);
  const auto make = reinterpret_cast<void* (*)(std::size_t)>(dlsym(library, "plugin_block"));
  void* blocks[100];
  for (std::size_t i = 0; i < 100; ++i) std::memset(blocks[i] = make(i + 1), 7, i + 1);
  dlclose(library);
  for (void* block : blocks) std::free(block);
}

double now_s() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void stress(int threads, double seconds) {
  static pthread_t running[most_workers];
  alignas(Worker) static char memory[most_workers][sizeof(Worker)];
  const double until_s = now_s() + seconds;
  for (std::uint64_t round = 0; round == 0 || now_s() < until_s; ++round) {
    for (int i = 0; i < threads; ++i) {
      const std::uint64_t seed = round * most_workers + static_cast<std::uint64_t>(i);
      auto* worker = new (memory[i]) Worker{i, Random(seed * 0x9e3779b9 + 1)};
      if (pthread_create(&running[i], nullptr, live, worker) != 0) fail("no thread", seed);
    }
    have_children();
    load_and_unload();
    for (int i = 0; i < threads; ++i) pthread_join(running[i], nullptr);
  }
}

StressBooks* map_books(const char* name) {
  const int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(StressBooks)) != 0) fail("books", 0);
  void* mapped = mmap(nullptr, sizeof(StressBooks), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) fail("books", 1);
  close(file);
  auto* made = static_cast<StressBooks*>(mapped);
  made->code_from = reinterpret_cast<std::uint64_t>(&__executable_start);
  made->code_to = reinterpret_cast<std::uint64_t>(&etext);
  return made;
}

int run(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "child") return use_every_entry(2000), 0;
  if (argc != 4) fail("usage: agent_stress BOOKS THREADS SECONDS", 0);
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, nullptr);
  std::signal(SIGUSR1, on_signal);
  pthread_key_create(&last_words, at_the_end);
  books = map_books(argv[1]);
  stress(std::atoi(argv[2]), std::atof(argv[3]));
  if (write(1, "held\n", 5) != 5) return 1;
  int signal = 0;
  sigwait(&end, &signal);
  Worker last{0, Random(1)};
  for (Slot& slot : shared) last.dies(slot.block);
  return 0;
}

}  // namespace
}  // namespace soakline

int main(int argc, char** argv) {
  return soakline::run(argc, argv);
}
