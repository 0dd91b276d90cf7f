// Buffers of one size: a shared arena, and before it a cache for each thread, which needs no lock.
//
// Follows DotNetty issue 624: buffers are taken on an event loop and released on threads that run its tasks.
// A buffer goes to the cache of the thread that releases it; one that never takes any has no use for them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace frame_service {

struct Buffer {
  static constexpr std::size_t bytes = 2048;

  std::thread::id taken_by;
  std::size_t size = 0;
  std::array<char, bytes> data{};
};

class BufferPool {
 public:
  // A buffer that was taken by another thread goes back to the arena (the fix), or stays in the cache of the
  // thread that releases it (the leak).
  enum class Foreign { to_the_arena, to_the_cache };

  explicit BufferPool(Foreign foreign) : foreign_(foreign) {}

  // From the cache, else from the arena, else a new one.
  std::unique_ptr<Buffer> take();
  void release(std::unique_ptr<Buffer> buffer);

  // Buffers that the pool has made: those in use, in the arena and in the caches of all threads.
  std::size_t made() const { return made_; }

 private:
  using Buffers = std::vector<std::unique_ptr<Buffer>>;
  Buffers& cache() const;
  std::unique_ptr<Buffer> take_from_arena();

  const Foreign foreign_;
  const std::uint64_t number_ = ++pools_;
  std::atomic<std::size_t> made_{0};
  std::mutex mutex_;
  Buffers arena_;

  static inline std::atomic<std::uint64_t> pools_{0};
};

}  // namespace frame_service
