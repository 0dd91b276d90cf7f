// Memory for the observer's own books, outside of malloc and touched in advance: what is counted here
// changes neither the heap under study nor RSS.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace soakline {

class PrivateMemory {
 public:
  explicit PrivateMemory(std::size_t bytes);

  // For one thread at a time; throws std::bad_alloc when all of it is used.
  std::pmr::memory_resource* resource() { return &pool_; }

 private:
  struct Unmap {
    std::size_t bytes;
    void operator()(void* pages) const;
  };
  std::unique_ptr<void, Unmap> pages_;
  std::pmr::monotonic_buffer_resource arena_;
  std::pmr::unsynchronized_pool_resource pool_;
};

}  // namespace soakline
