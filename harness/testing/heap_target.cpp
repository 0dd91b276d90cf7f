// heap_target MODE [N]: a program for tests of the heap's walk whose blocks are known.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void ready_and_wait() {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) pause();
}

char* volatile last_block;  // seen by others: no compiler may leave an allocation out

char* block_of(std::size_t bytes) {
  char* const block = static_cast<char*>(std::malloc(bytes));
  *block = 1;
  last_block = block;
  return block;
}

void hold(int blocks, std::size_t bytes) {
  for (int i = 0; i < blocks; ++i) block_of(bytes);
}

// Every second block is freed again: too large for a thread's cache, so that the heap itself has holes.
void hold_every_second(int blocks, std::size_t bytes) {
  std::vector<void*> freed;
  for (int i = 0; i < blocks; ++i) {
    hold(1, bytes);
    freed.push_back(block_of(bytes));
  }
  for (void* block : freed) std::free(block);
}

void in_threads(int threads, auto&& work) {
  std::atomic<int> done{0};
  for (int i = 0; i < threads; ++i)
    std::thread([&, i] {
      work(i);
      ++done;
      for (;;) pause();
    }).detach();
  while (done < threads) std::this_thread::yield();
}

// Blocks of malloc's own mapping, with other mappings between them that the kernel joins to theirs.
void hold_among_mappings(int blocks, std::size_t bytes) {
  for (int i = 0; i < blocks; ++i) {
    block_of(bytes);
    void* const other = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memset(other, 0x55, bytes);
  }
}

// Threads replace blocks of 16 to 2,000 bytes as fast as they can, so many of them alive at a time.
[[noreturn]] void churn(int threads, int blocks) {
  std::atomic<int> filled{0};
  for (int i = 0; i < threads; ++i)
    std::thread([&, i] {
      std::mt19937 random(static_cast<unsigned>(i));
      std::vector<char*> held(static_cast<std::size_t>(blocks));
      for (std::size_t k = 0;; ++k) {
        char*& block = held[k < held.size() ? k : random() % held.size()];
        std::free(block);
        const std::size_t bytes = 16 + random() % 1985;
        block = static_cast<char*>(std::malloc(bytes));
        std::memset(block, static_cast<int>(random() & 127), bytes);
        if (k + 1 == held.size()) ++filled;
      }
    }).detach();
  while (filled < threads) std::this_thread::yield();
  ready_and_wait();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const int n = argc > 2 ? std::atoi(argv[2]) : 0;
  if (mode == "main") hold(n, 700);
  if (mode == "holes") hold_every_second(n, 3000);
  if (mode == "threads") in_threads(4, [=](int) { hold(n, 700); });
  if (mode == "mmapped") hold(n, 300'000);
  if (mode == "among-mappings") hold_among_mappings(n, 300'000);
  if (mode == "churn") churn(4, n);
  ready_and_wait();
}
