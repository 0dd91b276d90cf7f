#include "calibration/private_memory.hpp"

#include <sys/mman.h>

#include <new>

namespace soakline {
namespace {

void* populated(std::size_t bytes) {
  void* pages =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  return pages;
}

}  // namespace

PrivateMemory::PrivateMemory(std::size_t bytes)
    : pages_(populated(bytes), Unmap{bytes}),
      arena_(pages_.get(), bytes, std::pmr::null_memory_resource()),
      pool_(&arena_) {}

void PrivateMemory::Unmap::operator()(void* pages) const {
  munmap(pages, bytes);
}

}  // namespace soakline
