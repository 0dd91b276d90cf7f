// unruly_target MODE [N]: a program for tests that behaves the way real ones do when they are hard to watch
// or to stop.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void wait_for_ever() {
  for (;;) pause();
}

[[noreturn]] void ready_and_wait() {
  std::puts("ready");
  std::fflush(stdout);
  wait_for_ever();
}

// The parent ends at once; the child, in a session of its own, goes on.
[[noreturn]] void daemonise() {
  if (fork() != 0) _exit(0);
  setsid();
  if (fork() != 0) _exit(0);
  ready_and_wait();
}

[[noreturn]] void prefork(int workers) {
  for (int i = 0; i < workers; ++i)
    if (fork() == 0) {
      if (i % 2 == 0) setsid();
      wait_for_ever();
    }
  ready_and_wait();
}

[[noreturn]] void hold_threads(int count) {
  for (int i = 0; i < count; ++i) std::thread(wait_for_ever).detach();
  ready_and_wait();
}

// 200 MB resident and the given number of threads: the target of the sampler's benchmark.
[[noreturn]] void big(int threads) {
  constexpr std::size_t size = 200'000'000;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(memory, 1, size);
  hold_threads(threads);
}

[[noreturn]] void hold_descriptors(int count) {
  for (int i = 0; i < count; ++i)
    if (open("/dev/null", O_RDONLY) < 0) std::exit(1);
  ready_and_wait();
}

[[noreturn]] void leak_descriptors(int every_ms) {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    if (open("/dev/null", O_RDONLY) < 0) std::exit(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(every_ms));
  }
}

[[noreturn]] void die_after(int ms) {
  std::puts("ready");
  std::puts("the disk of the moon is full");
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  std::exit(7);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const int n = argc > 2 ? std::atoi(argv[2]) : 0;
  if (mode == "wait") ready_and_wait();
  if (mode == "daemonise") daemonise();
  if (mode == "prefork") prefork(n);
  if (mode == "threads") hold_threads(n);
  if (mode == "big") big(n);
  if (mode == "descriptors") hold_descriptors(n);
  if (mode == "leak-descriptors") leak_descriptors(n);
  if (mode == "die") die_after(n);
  if (mode == "deaf") {
    std::signal(SIGTERM, SIG_IGN);
    ready_and_wait();
  }
  std::fprintf(stderr, "unruly_target: unknown mode '%s'\n", mode.c_str());
  return 2;
}
