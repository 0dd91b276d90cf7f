// What a walk costs: heaps of 10 and of 100 MB in blocks of 48 to 200 bytes, the process's own, every third
// block freed again.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "harness/heap_walk.hpp"

namespace soakline {
namespace {

class Blocks {
 public:
  explicit Blocks(std::size_t total_bytes) {
    std::mt19937 random(1);
    for (std::size_t bytes = 0; bytes < total_bytes;) {
      blocks_.push_back(std::malloc(48 + random() % 153));
      bytes += 136;  // the mean chunk
    }
    for (std::size_t i = 0; i < blocks_.size(); i += 3) {
      std::free(blocks_[i]);
      blocks_[i] = nullptr;
    }
  }
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;
  ~Blocks() {
    for (void* block : blocks_) std::free(block);
  }

 private:
  std::vector<void*> blocks_;
};

void walk_heap(benchmark::State& state) {
  const auto megabytes = static_cast<std::size_t>(state.range(0));
  const Blocks blocks(megabytes * 1'000'000);
  HeapWalker walker(getpid());
  HeapWalk walk;
  for ([[maybe_unused]] auto _ : state) walker.walk(walk);
  if (!walk.unusable.empty()) state.SkipWithError(walk.unusable.c_str());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * megabytes * 1'000'000));
  state.counters["chunks"] = walk.chunks;
}
BENCHMARK(walk_heap)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace soakline
