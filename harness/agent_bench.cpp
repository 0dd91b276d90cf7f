// What allocating costs, for whatever allocator and agent are preloaded: agent_bench.py compares them.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

#include "harness/testing/malloc_places.hpp"

namespace {

// A place that allocates: each is a site of its own.
constexpr auto& places = soakline::testing::malloc_places<512>;

// 1,024 live blocks; each step frees the oldest and makes another, of 16 bytes to 1 KiB, mostly small: each
// place within one or two powers of two.
class Ring {
 public:
  Ring() {
    std::mt19937 random(7);
    for (Wish& wish : wishes_) {
      const auto place = static_cast<std::uint32_t>(random() % places.size());
      const std::uint32_t least = 16U << place % 6;
      wish = {least + static_cast<std::uint32_t>(random() % least), place};
    }
  }
  ~Ring() {
    for (void* block : blocks_) std::free(block);
  }
  void step() {
    void*& block = blocks_[at_ % blocks_.size()];
    std::free(block);
    const Wish& wish = wishes_[at_ % wishes_.size()];
    block = places[wish.place](wish.bytes);
    ++at_;
  }

 private:
  struct Wish {
    std::uint32_t bytes, place;
  };
  std::array<Wish, 4099> wishes_{};
  std::array<void*, 1024> blocks_{};
  std::size_t at_ = 0;
};

void step_of_pair() {
  void* block = std::malloc(64);
  benchmark::DoNotOptimize(block);
  std::free(block);
}

void pair(benchmark::State& state) {
  for (auto _ : state) step_of_pair();
}
BENCHMARK(pair);

void ring(benchmark::State& state) {
  Ring ring;
  for (auto _ : state) ring.step();
}
BENCHMARK(ring);

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A million pairs of malloc and free a second, a thousand at a time: CPU in % of a core.
template <typename Step>
void paced(benchmark::State& state, Step step) {
  constexpr int beats = 1000, steps = 1000;
  for (auto _ : state) {
    const double before_s = cpu_s();
    timespec next{};
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int beat = 0; beat < beats; ++beat) {
      for (int i = 0; i < steps; ++i) step();
      next.tv_nsec += 1'000'000;
      if (next.tv_nsec >= 1'000'000'000) next.tv_nsec -= 1'000'000'000, ++next.tv_sec;
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
    }
    state.counters["figure"] = 100 * (cpu_s() - before_s);
  }
}
void paced_pair(benchmark::State& state) {
  paced(state, step_of_pair);
}
BENCHMARK(paced_pair)->Iterations(1);
void paced_ring(benchmark::State& state) {
  Ring ring;
  paced(state, [&] { ring.step(); });
}
BENCHMARK(paced_ring)->Iterations(1);

double rss_bytes() {
  char text[64] = {};
  const int file = open("/proc/self/statm", O_RDONLY);
  long size = 0, resident = 0;
  if (read(file, text, sizeof text - 1) > 0) std::sscanf(text, "%ld %ld", &size, &resident);
  close(file);
  return 4096.0 * static_cast<double>(resident);
}

// RSS with so many blocks of 88 bytes, which glibc's chunks fit exactly.
void held(benchmark::State& state) {
  static std::vector<void*> blocks(2'000'000, &blocks);  // touched before, whatever is held
  const auto number = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    for (std::size_t i = 0; i < number; ++i)
      std::memset(blocks[i] = soakline::testing::malloc_at<0>(88), 1, 88);
    state.counters["figure"] = rss_bytes();
    for (std::size_t i = 0; i < number; ++i) std::free(blocks[i]);
  }
}
BENCHMARK(held)->Arg(0)->Arg(1'000'000)->Iterations(1);

}  // namespace
