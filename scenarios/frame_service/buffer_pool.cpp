#include "scenarios/frame_service/buffer_pool.hpp"

#include <unordered_map>
#include <utility>

namespace frame_service {

// By number: another pool may come to lie where one has been.
BufferPool::Buffers& BufferPool::cache() const {
  thread_local std::unordered_map<std::uint64_t, Buffers> caches;
  return caches[number_];
}

std::unique_ptr<Buffer> BufferPool::take() {
  std::unique_ptr<Buffer> buffer;
  if (Buffers& cached = cache(); !cached.empty()) {
    buffer = std::move(cached.back());
    cached.pop_back();
  } else {
    buffer = take_from_arena();
  }
  buffer->taken_by = std::this_thread::get_id();
  return buffer;
}

std::unique_ptr<Buffer> BufferPool::take_from_arena() {
  const std::lock_guard lock(mutex_);
  if (arena_.empty()) {
    ++made_;
    return std::make_unique<Buffer>();
  }
  auto buffer = std::move(arena_.back());
  arena_.pop_back();
  return buffer;
}

void BufferPool::release(std::unique_ptr<Buffer> buffer) {
  const bool is_foreign = buffer->taken_by != std::this_thread::get_id();
  if (is_foreign && foreign_ == Foreign::to_the_arena) {
    const std::lock_guard lock(mutex_);
    arena_.push_back(std::move(buffer));
  } else {
    cache().push_back(std::move(buffer));
  }
}

}  // namespace frame_service
