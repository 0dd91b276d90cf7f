#include "calibration/collected_heap.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace soakline {
namespace {
constexpr double page = 4096;
}

CollectedHeap::CollectedHeap(std::size_t bytes)
    : bytes_(bytes),
      pages_(static_cast<char*>(
          mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
  if (pages_ == MAP_FAILED) throw std::bad_alloc();
}

CollectedHeap::~CollectedHeap() {
  munmap(pages_, bytes_);
}

void CollectedHeap::allocate(double bytes) {
  used_ += bytes;
  if (used_ > static_cast<double>(bytes_)) throw std::bad_alloc();
  for (; touched_ < used_; touched_ += page) pages_[static_cast<std::size_t>(touched_)] = 1;
}

void CollectedHeap::retain(double bytes) {
  allocate(bytes);
  retained_ += bytes;
}

void CollectedHeap::release(double bytes) {
  retained_ -= std::min(bytes, retained_);
}

void CollectedHeap::collect() {
  used_ = retained_;
  const double kept =
      std::min(touched_, (static_cast<double>(static_cast<long>(retained_ / page)) + 1) * page);
  madvise(pages_ + static_cast<std::size_t>(kept), static_cast<std::size_t>(touched_ - kept), MADV_DONTNEED);
  touched_ = kept;
}

}  // namespace soakline
