#include "harness/agent/injected_hooks.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "harness/agent/creations.hpp"
#include "harness/agent/hook.hpp"
#include "harness/agent/live_counts.hpp"
#include "harness/agent/loaded_objects.hpp"
#include "harness/agent/next_allocator.hpp"

namespace soakline {
namespace {

constexpr int most_hooks = 96;
constinit Replacement hooks[most_hooks]{};
constinit int hooks_used = 0;

constinit std::atomic<std::uint32_t> epoch_of_last_look{0};
constinit std::uint32_t own_pid = 0;
constinit unsigned long long libraries_followed = 0;

// Once an epoch, and not in a fork's child: a thread that it does not have may have held the loader's lock.
[[gnu::noinline, gnu::cold]] void follow_libraries(std::uint32_t epoch) {
  if (epoch_of_last_look.exchange(epoch, std::memory_order_relaxed) == epoch) return;
  if (live_counts.file()->pid != own_pid || libraries_ever_loaded() == libraries_followed) return;
  libraries_followed = replace_calls(hooks, hooks_used);
}

std::size_t with_trailer(std::size_t size) {
  return (size + 7) / 8 * 8 + sizeof(BlockHeader);
}

// Null where the block has no room for one: it is none of ours.
BlockHeader* trailer_of(void* block) {
  const std::size_t usable = next_functions.malloc_usable_size(block);
  if (usable < sizeof(BlockHeader)) return nullptr;
  return reinterpret_cast<BlockHeader*>(static_cast<char*>(block) + usable / 8 * 8) - 1;
}

bool is_counted(const BlockHeader* trailer, const void* block) {
  return trailer != nullptr && trailer->fits(block, live_counts.secret());
}

void count_death(BlockHeader* trailer) {
  const Birth birth = trailer->birth();
  trailer->clear();
  if (!live_counts.died_at_once(birth)) live_counts.died(birth);
}

[[gnu::always_inline]] inline void* counted(void* block, std::size_t size, const Caller& caller) {
  if (block == nullptr) [[unlikely]]
    return nullptr;
  BlockHeader* const trailer = trailer_of(block);
  if (trailer == nullptr) [[unlikely]]
    return block;
  // The last one that lay here was freed past us.
  if (trailer->fits(block, live_counts.secret())) [[unlikely]]
    count_death(trailer);
  Birth birth;
  if (!live_counts.born_at_once(size, caller.code, birth)) [[unlikely]]
    birth = live_counts.born(size, caller);
  trailer->write(block, live_counts.secret(), birth);
  if (birth.epoch != epoch_of_last_look.load(std::memory_order_relaxed)) [[unlikely]]
    follow_libraries(birth.epoch);
  return block;
}

[[gnu::always_inline]] inline void* allocate(std::size_t size, const Caller& caller) {
  if (size > largest_block) [[unlikely]]
    return next_functions.malloc(size);
  return counted(next_functions.malloc(with_trailer(size)), size, caller);
}

[[gnu::always_inline]] inline void* allocate_aligned(std::size_t alignment, std::size_t size,
                                                     const Caller& caller) {
  if (size > largest_block) [[unlikely]]
    return next_functions.memalign(alignment, size);
  return counted(next_functions.memalign(alignment, with_trailer(size)), size, caller);
}

[[gnu::always_inline]] inline void* reallocate(void* block, std::size_t size, const Caller& caller) {
  if (block == nullptr) return allocate(size, caller);
  BlockHeader* const trailer = trailer_of(block);
  if (!is_counted(trailer, block) || size > largest_block) return next_functions.realloc(block, size);
  const Birth birth = trailer->birth();
  if (size == 0) {  // as glibc does
    count_death(trailer);
    next_functions.free(block);
    return nullptr;
  }
  trailer->clear();
  void* const moved = next_functions.realloc(block, with_trailer(size));
  if (moved == nullptr) {
    trailer->write(block, live_counts.secret(), birth);
    return nullptr;
  }
  BlockHeader* const end = trailer_of(moved);
  if (is_counted(end, moved)) count_death(end);
  if (end != nullptr) end->write(moved, live_counts.secret(), live_counts.resized(birth, size, caller));
  return moved;
}

[[gnu::always_inline]] inline void* allocate_or_throw(std::size_t size, const Caller& caller) {
  void* const block = allocate(size, caller);
  return block != nullptr ? block : next_functions.operator_new(size);
}

void* malloc_hook(std::size_t size) {
  return allocate(size, SOAKLINE_CALLER);
}
void free_hook(void* block) {
  if (block == nullptr) return;
  BlockHeader* const trailer = trailer_of(block);
  if (is_counted(trailer, block)) count_death(trailer);
  next_functions.free(block);
}
void* calloc_hook(std::size_t number, std::size_t bytes) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(number, bytes, &size) || size > largest_block)
    return next_functions.calloc(number, bytes);
  return counted(next_functions.calloc(1, with_trailer(size)), size, SOAKLINE_CALLER);
}
void* realloc_hook(void* block, std::size_t size) {
  return reallocate(block, size, SOAKLINE_CALLER);
}
void* reallocarray_hook(void* block, std::size_t number, std::size_t bytes) {
  std::size_t size = 0;
  if (__builtin_mul_overflow(number, bytes, &size)) {
    errno = ENOMEM;
    return nullptr;
  }
  return reallocate(block, size, SOAKLINE_CALLER);
}
void* aligned_hook(std::size_t alignment, std::size_t size) {
  return allocate_aligned(alignment, size, SOAKLINE_CALLER);
}
int posix_memalign_hook(void** block, std::size_t alignment, std::size_t size) {
  if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment % sizeof(void*) != 0) return EINVAL;
  const int error = errno;
  void* const made = allocate_aligned(alignment, size, SOAKLINE_CALLER);
  errno = error;
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
// As much as was asked for: a program that fills what it is told would write over what is counted.
std::size_t usable_size_hook(void* block) {
  if (block == nullptr) return 0;
  BlockHeader* const trailer = trailer_of(block);
  return is_counted(trailer, block) ? trailer->birth().size : next_functions.malloc_usable_size(block);
}
void* new_hook(std::size_t size) {
  return allocate_or_throw(size, SOAKLINE_CALLER);
}
void* new_nothrow_hook(std::size_t size, const void*) {
  return allocate(size, SOAKLINE_CALLER);
}

void hook(const char* name, void* now) {
  const Definition was = definition_of(name);
  if (was.address != nullptr && hooks_used < most_hooks) hooks[hooks_used++] = {name, was.address, now};
}

template <typename Result, typename... Arguments>
void hook(const char* name, Result (*now)(Arguments...)) {
  hook(name, reinterpret_cast<void*>(now));
}

}  // namespace

const char* why_not_hooked() {
  if (!all_objects_can_be_searched()) return "has a library without a hash table of what it defines";
  const Definition allocator = definition_of("malloc");
  if (allocator.address == nullptr) return "has no malloc";
  if (*allocator.object == 0) return "has an allocator of its own, whose calls lead nowhere else";
  for (const char* name : {"free", "calloc", "realloc", "memalign", "malloc_usable_size"})
    if (std::strcmp(definition_of(name).object, allocator.object) != 0)
      return "has an allocator that lacks one of free, calloc, realloc, memalign and malloc_usable_size";
  return nullptr;
}

// Deaths before births: no block is to be counted that could die uncounted.
void hook_all_objects() {
  own_pid = live_counts.file()->pid;
  hook("free", free_hook);
  hook("realloc", realloc_hook);
  hook("reallocarray", reallocarray_hook);
  hook("malloc_usable_size", usable_size_hook);
  replace_calls(hooks, hooks_used);
  hook("malloc", malloc_hook);
  hook("calloc", calloc_hook);
  hook("memalign", aligned_hook);
  hook("aligned_alloc", aligned_hook);
  hook("posix_memalign", posix_memalign_hook);
  // Blocks of libstdc++'s are malloc's. An allocator's own may be freed by their size, which would be wrong.
  if (std::strstr(definition_of("_Znwm").object, "/libstdc++.so") != nullptr) {
    hook("_Znwm", new_hook);
    hook("_Znam", new_hook);
    hook("_ZnwmRKSt9nothrow_t", new_nothrow_hook);
    hook("_ZnamRKSt9nothrow_t", new_nothrow_hook);
  }
  for_each_creation_hook(hook);
  libraries_followed = replace_calls(hooks, hooks_used);
}

}  // namespace soakline
