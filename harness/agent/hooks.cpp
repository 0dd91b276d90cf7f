// The functions through which programs allocate, in front of those of the allocator that comes next.
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "harness/agent/creations.hpp"
#include "harness/agent/hook.hpp"
#include "harness/agent/live_counts.hpp"
#include "harness/agent/next_allocator.hpp"

namespace soakline {
namespace {

constexpr std::size_t smallest_alignment = 16;

[[gnu::constructor]] void start_early() {
  next_allocator();
  live_counts.start();
  live_counts.follow_threads_and_forks();
  follow_creations();
}

void* no_memory() {
  errno = ENOMEM;
  return nullptr;
}

bool counts() {
  if (!live_counts.on()) [[unlikely]]
    live_counts.start();
  return live_counts.on();
}

void* counted_block(void* base, std::size_t size, const Caller& caller) {
  if (base == nullptr) return nullptr;
  void* block = static_cast<char*>(base) + header_bytes;
  BlockHeader::of(block)->write(block, live_counts.secret(), live_counts.born(size, caller));
  return block;
}

// Before blocks are counted, or where they never are.
[[gnu::noinline, gnu::cold]] void* allocate_uncounted(std::size_t size, const Caller& caller) {
  const NextAllocator* next = next_allocator();
  if (next == nullptr) return first_memory(size);
  if (!counts()) return next->malloc(size);
  if (size > largest_block) return no_memory();
  return counted_block(next->malloc(size + header_bytes), size, caller);
}

[[gnu::always_inline]] inline void* allocate(std::size_t size, const Caller& caller) {
  if (!live_counts.on() || size > largest_block) [[unlikely]]
    return allocate_uncounted(size, caller);
  void* base = next_functions.malloc(size + header_bytes);
  Birth birth;
  if (base == nullptr || !live_counts.born_at_once(size, caller.code, birth)) [[unlikely]]
    return counted_block(base, size, caller);
  void* block = static_cast<char*>(base) + header_bytes;
  BlockHeader::of(block)->write(block, live_counts.secret(), birth);
  return block;
}

inline void* allocate_zeroed(std::size_t number, std::size_t bytes, const Caller& caller) {
  const NextAllocator* next = next_allocator();
  std::size_t size = 0;
  if (__builtin_mul_overflow(number, bytes, &size)) return no_memory();
  if (next == nullptr) [[unlikely]]
    return first_memory(size);
  if (!counts()) return next->calloc(number, bytes);
  if (size > largest_block) return no_memory();
  return counted_block(next->calloc(1, size + header_bytes), size, caller);
}

void* allocate_aligned(std::size_t alignment, std::size_t size, const Caller& caller) {
  if (alignment <= smallest_alignment) return allocate(size, caller);
  const NextAllocator* next = next_allocator();
  if (next == nullptr) return nullptr;
  if (!counts()) return next->memalign(alignment, size);
  if (alignment > largest_block || size > largest_block) return no_memory();
  // The header lies right before the block, so that what is asked for is larger by a whole alignment.
  alignment = std::bit_ceil(alignment);
  void* base = next->memalign(alignment, size + alignment);
  if (base == nullptr) return nullptr;
  void* block = static_cast<char*>(base) + alignment;
  Birth birth = live_counts.born(size, caller);
  birth.offset_log2 = static_cast<std::uint32_t>(std::countr_zero(alignment));
  BlockHeader::of(block)->write(block, live_counts.secret(), birth);
  return block;
}

// What the next allocator gave for a block of ours.
inline void* base_of(void* block, const Birth& birth) {
  return static_cast<char*>(block) - (std::size_t{1} << birth.offset_log2);
}

inline bool is_counted(void* block) {
  return live_counts.on() && BlockHeader::of(block)->fits(block, live_counts.secret());
}

// Whatever there is to be done about it.
[[gnu::noinline]] void release_slowly(void* block) {
  if (is_first_memory(block)) return;
  const NextAllocator* next = next_allocator();
  if (next == nullptr) return;
  if (!is_counted(block)) return next->free(block);
  BlockHeader* header = BlockHeader::of(block);
  const Birth birth = header->birth();
  header->clear();  // nothing that is freed looks like a block
  live_counts.died(birth);
  next->free(base_of(block, birth));
}

[[gnu::always_inline]] inline void release(void* block) {
  if (block == nullptr) return;
  if (!is_counted(block)) [[unlikely]]
    return release_slowly(block);
  BlockHeader* header = BlockHeader::of(block);
  const Birth birth = header->birth();
  if (!live_counts.died_at_once(birth)) [[unlikely]]
    return release_slowly(block);
  header->clear();
  next_functions.free(base_of(block, birth));
}

void* copy_of_first_memory(void* block, std::size_t size, const Caller& caller) {
  void* moved = allocate(size, caller);
  if (moved != nullptr) std::memcpy(moved, block, std::min(size, first_memory_after(block)));
  return moved;
}

void* reallocate(void* block, std::size_t size, const Caller& caller) {
  if (block == nullptr) return allocate(size, caller);
  if (is_first_memory(block)) return copy_of_first_memory(block, size, caller);
  const NextAllocator* next = next_allocator();
  if (next == nullptr) return nullptr;
  if (!is_counted(block)) return next->realloc(block, size);
  if (size == 0) return release(block), nullptr;  // as glibc does
  if (size > largest_block) return no_memory();
  const Birth birth = BlockHeader::of(block)->birth();
  if (birth.offset_log2 != header_bytes_log2) {
    void* moved = allocate(size, caller);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, block, std::min<std::size_t>(size, birth.size));
    release(block);
    return moved;
  }
  BlockHeader::of(block)->clear();
  void* base = next->realloc(base_of(block, birth), size + header_bytes);
  void* moved = base == nullptr ? block : static_cast<char*>(base) + header_bytes;
  const Birth now = base == nullptr ? birth : live_counts.resized(birth, size, caller);
  BlockHeader::of(moved)->write(moved, live_counts.secret(), now);
  return base == nullptr ? nullptr : moved;
}

// An allocation that must not return null: what comes next calls the program's handler and throws.
inline void* allocate_or_throw(std::size_t size, const Caller& caller) {
  void* block = allocate(size, caller);
  if (block != nullptr) [[likely]]
    return block;
  const NextAllocator* next = next_allocator();
  if (next == nullptr || next->operator_new == nullptr) abort();
  return next->operator_new(size);
}

void* allocate_aligned_or_throw(std::size_t alignment, std::size_t size, const Caller& caller) {
  void* block = allocate_aligned(alignment, size, caller);
  if (block != nullptr) return block;
  using AlignedNew = void* (*)(std::size_t, std::align_val_t);
  const auto next = reinterpret_cast<AlignedNew>(dlsym(RTLD_NEXT, "_ZnwmSt11align_val_t"));
  if (next == nullptr) abort();
  return next(size, std::align_val_t{alignment});
}

}  // namespace
}  // namespace soakline

using namespace soakline;  // NOLINT(google-build-using-namespace): the hooks must be global

SOAKLINE_HOOK void* malloc(std::size_t size) {
  return allocate(size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void free(void* block) {
  release(block);
}
SOAKLINE_HOOK void* calloc(std::size_t number, std::size_t bytes) {
  return allocate_zeroed(number, bytes, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* realloc(void* block, std::size_t size) {
  return reallocate(block, size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* reallocarray(void* block, std::size_t number, std::size_t bytes) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(number, bytes, &size)) return no_memory();
  return reallocate(block, size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* memalign(std::size_t alignment, std::size_t size) {
  return allocate_aligned(alignment, size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return allocate_aligned(alignment, size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  const int error = errno;
  void* made = allocate_aligned(alignment, size, SOAKLINE_CALLER);
  errno = error;
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
SOAKLINE_HOOK void* valloc(std::size_t size) {
  return allocate_aligned(static_cast<std::size_t>(getpagesize()), size, SOAKLINE_CALLER);
}
SOAKLINE_HOOK void* pvalloc(std::size_t size) {
  const auto page = static_cast<std::size_t>(getpagesize());
  if (size > largest_block) return no_memory();
  return allocate_aligned(page, (size + page - 1) / page * page, SOAKLINE_CALLER);
}
// As much as was asked for: programs that fill what they are told would write over nothing, but be counted
// wrong.
SOAKLINE_HOOK std::size_t malloc_usable_size(void* block) {
  if (block == nullptr) return 0;
  if (is_first_memory(block)) return 0;
  if (is_counted(block)) return BlockHeader::of(block)->birth().size;
  const NextAllocator* next = next_allocator();
  return next == nullptr || next->malloc_usable_size == nullptr ? 0 : next->malloc_usable_size(block);
}

SOAKLINE_CPP_HOOK void* operator new(std::size_t size) {
  return allocate_or_throw(size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new[](std::size_t size) {
  return allocate_or_throw(size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_aligned_or_throw(static_cast<std::size_t>(alignment), size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_aligned_or_throw(static_cast<std::size_t>(alignment), size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
  return allocate_aligned(static_cast<std::size_t>(alignment), size, SOAKLINE_CALLER);
}
SOAKLINE_CPP_HOOK void* operator new[](std::size_t size, std::align_val_t alignment,
                                       const std::nothrow_t&) noexcept {
  return allocate_aligned(static_cast<std::size_t>(alignment), size, SOAKLINE_CALLER);
}

// jemalloc, tcmalloc and mimalloc bring operators of their own, which know nothing of headers.
SOAKLINE_CPP_HOOK void operator delete(void* block) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block, std::size_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete(void* block, const std::nothrow_t&) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block, const std::nothrow_t&) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete(void* block, std::align_val_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block, std::align_val_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  release(block);
}
SOAKLINE_CPP_HOOK void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  release(block);
}
