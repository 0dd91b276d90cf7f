#include "scenarios/redis_subscription/live_blocks.hpp"

#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t granule = 16;
constexpr std::size_t largest_counted = 4096;
constexpr std::size_t header = sizeof(std::size_t);

std::array<std::atomic<long long>, largest_counted / granule> live;

void count(void* block, long long change) {
  const std::size_t size = malloc_usable_size(block) + header;
  if (size < largest_counted) live[size / granule].fetch_add(change, std::memory_order_relaxed);
}

}  // namespace

// Not inlined: the compiler would see free() meet operator new and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  count(block, 1);
  return block;
}

[[gnu::noinline]] void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  count(block, -1);
  std::free(block);
}

void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}

namespace redis_subscription {

LiveBlocks live_blocks() {
  std::array<long long, largest_counted / granule> counted{};
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = live[i];
  LiveBlocks blocks;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    if (counted[i] != 0) blocks[i * granule] = counted[i];
  }
  return blocks;
}

std::size_t heap_bytes(std::size_t asked) {
  void* const block = std::malloc(asked);
  const std::size_t size = malloc_usable_size(block) + header;
  std::free(block);
  return size;
}

}  // namespace redis_subscription
