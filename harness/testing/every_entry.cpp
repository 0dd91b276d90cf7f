#include "harness/testing/every_entry.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "harness/testing/malloc_places.hpp"

namespace soakline {
namespace {

constexpr std::size_t page = 4096;
constexpr int own_errno = 77;  // nobody's but this file's

struct Entry {
  const char* name;
  Family family;
  bool aligns;
  void* (*allocate)(std::size_t bytes, std::size_t alignment);
};

void* from_posix_memalign(std::size_t bytes, std::size_t alignment) {
  void* block = nullptr;
  return posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
}

using std::align_val_t;
constexpr std::array entries = {
    Entry{"calloc", Family::c, false, [](std::size_t n, std::size_t) { return std::calloc(n, 1); }},
    Entry{"realloc", Family::c, false, [](std::size_t n, std::size_t) { return std::realloc(nullptr, n); }},
    Entry{"reallocarray", Family::c, false,
          [](std::size_t n, std::size_t) { return reallocarray(nullptr, n, 1); }},
    Entry{"aligned_alloc", Family::c, true,
          [](std::size_t n, std::size_t a) { return std::aligned_alloc(a, (n + a - 1) / a * a); }},
    Entry{"posix_memalign", Family::c, true, from_posix_memalign},
    Entry{"memalign", Family::c, true, [](std::size_t n, std::size_t a) { return memalign(a, n); }},
    Entry{"valloc", Family::c, false, [](std::size_t n, std::size_t) { return valloc(n); }},
    Entry{"pvalloc", Family::c, false, [](std::size_t n, std::size_t) { return pvalloc(n); }},
    Entry{"new", Family::plain, false, [](std::size_t n, std::size_t) { return ::operator new(n); }},
    Entry{"new nothrow", Family::plain, false,
          [](std::size_t n, std::size_t) { return ::operator new(n, std::nothrow); }},
    Entry{"new[]", Family::array, false, [](std::size_t n, std::size_t) { return ::operator new[](n); }},
    Entry{"new[] nothrow", Family::array, false,
          [](std::size_t n, std::size_t) { return ::operator new[](n, std::nothrow); }},
    Entry{"new aligned", Family::aligned, true,
          [](std::size_t n, std::size_t a) { return ::operator new (n, align_val_t{a}); }},
    Entry{"new aligned nothrow", Family::aligned, true,
          [](std::size_t n, std::size_t a) { return ::operator new (n, align_val_t{a}, std::nothrow); }},
    Entry{"new[] aligned", Family::aligned_array, true,
          [](std::size_t n, std::size_t a) { return ::operator new[](n, align_val_t{a}); }},
    Entry{"new[] aligned nothrow", Family::aligned_array, true,
          [](std::size_t n, std::size_t a) { return ::operator new[](n, align_val_t{a}, std::nothrow); }},
};
constexpr int aligned_alloc_entry = 3, valloc_entry = 6, pvalloc_entry = 7;

// Each a site of its own, most of them in several size classes.
constexpr auto& malloc_places = testing::malloc_places<128>;

char byte_of(const Block& block, std::size_t i) {
  return static_cast<char>((reinterpret_cast<std::uintptr_t>(block.at) >> 4) + block.bytes + i);
}

void fill(const Block& block) {
  for (std::size_t i = 0; i < block.bytes; ++i) block.at[i] = byte_of(block, i);
}

void check(const Block& block) {
  for (std::size_t i = 0; i < block.bytes; ++i)
    if (block.at[i] != byte_of(block, i)) fail("overwritten", block.bytes);
}

void release_c(const Block& block, Random& random) {
  errno = own_errno;
  if (random.below(20) == 0) [[maybe_unused]]
    void* none = std::realloc(block.at, 0);
  else
    std::free(block.at);
  if (errno != own_errno) fail("errno of free", static_cast<std::size_t>(errno));
}

}  // namespace

void fail(const char* what, std::size_t value) {
  dprintf(2, "%s: %zu\n", what, value);
  std::_Exit(1);
}

// Small ones mostly, a few that glibc maps by themselves, some of no bytes.
Wish Wish::by_chance(Random& random) {
  const std::uint64_t kind = random.below(3000);
  const std::size_t most = kind == 0 ? 1 << 20 : kind < 60 ? 20'000 : 300;
  return {static_cast<int>(random.below(2 * entries.size())), random.below(most),
          std::size_t{16} << random.below(kind < 3 ? 13 : 8)};
}

Wish Wish::of_malloc(std::size_t bytes) {
  return {static_cast<int>(entries.size()), bytes, 16};
}

std::size_t Wish::counted_bytes() const {
  const std::size_t unit = entry == pvalloc_entry ? page : entry == aligned_alloc_entry ? alignment : 1;
  return (bytes + unit - 1) / unit * unit;
}

Block allocate(const Wish& wish) {
  const auto number = static_cast<std::size_t>(wish.entry);
  const bool is_malloc = number >= entries.size();
  const Entry entry = is_malloc ? Entry{"malloc", Family::c, false, nullptr} : entries[number];
  errno = own_errno;
  void* at =
      is_malloc ? malloc_places[(wish.bytes * 7 + wish.alignment + number) % malloc_places.size()](wish.bytes)
                : entry.allocate(wish.bytes, wish.alignment);
  if (at == nullptr) fail(entry.name, wish.bytes);
  if (errno != own_errno) fail("errno of an allocation", static_cast<std::size_t>(errno));
  const bool is_paged = wish.entry == valloc_entry || wish.entry == pvalloc_entry;
  const Block block{static_cast<char*>(at), wish.counted_bytes(),
                    is_paged       ? page
                    : entry.aligns ? wish.alignment
                                   : 16,
                    entry.family};
  if (reinterpret_cast<std::uintptr_t>(at) % block.alignment != 0) fail("not aligned", block.alignment);
  if (malloc_usable_size(at) < block.bytes) fail("too small", block.bytes);
  if (number == 0)
    for (std::size_t i = 0; i < block.bytes; ++i)
      if (block.at[i] != 0) fail("not zero", i);
  fill(block);
  return block;
}

void release(const Block& block, Random& random) {
  check(block);
  const auto alignment = static_cast<align_val_t>(block.alignment);
  const bool says_size = random.below(2) == 0;
  switch (block.family) {
    case Family::c:
      return release_c(block, random);
    case Family::plain:
      return says_size ? ::operator delete(block.at, block.bytes) : ::operator delete(block.at);
    case Family::array:
      return says_size ? ::operator delete[](block.at, block.bytes) : ::operator delete[](block.at);
    case Family::aligned:
      return says_size ? ::operator delete(block.at, block.bytes, alignment)
                       : ::operator delete(block.at, alignment);
    case Family::aligned_array:
      return says_size ? ::operator delete[](block.at, block.bytes, alignment)
                       : ::operator delete[](block.at, alignment);
  }
}

Block resize(const Block& block, std::size_t bytes, Random& random) {
  check(block);
  errno = own_errno;
  void* at = random.below(2) == 0 ? std::realloc(block.at, bytes) : reallocarray(block.at, 1, bytes);
  if (at == nullptr) fail("realloc", bytes);
  if (errno != own_errno) fail("errno of realloc", static_cast<std::size_t>(errno));
  for (std::size_t i = 0; i < std::min(bytes, block.bytes); ++i)
    if (static_cast<char*>(at)[i] != byte_of(block, i)) fail("not copied", i);
  const Block moved{static_cast<char*>(at), bytes, 16, Family::c};
  fill(moved);
  return moved;
}

void be_refused(const Block& kept) {
  volatile std::size_t huge = std::size_t{1} << 62;
  const auto refused = [](const char* name, const void* block) {
    if (block != nullptr || errno != ENOMEM) fail(name, static_cast<std::size_t>(errno));
    errno = 0;
  };
  errno = 0;
  refused("huge malloc", std::malloc(huge));
  refused("huge calloc", std::calloc(huge, 16));
  refused("huge realloc", std::realloc(nullptr, huge));
  refused("huge memalign", memalign(64, huge));
  refused("huge aligned_alloc", std::aligned_alloc(4096, huge));
  refused("huge pvalloc", pvalloc(huge * 4 - 1));
  refused("overflowing reallocarray", reallocarray(kept.at, huge, 16));
  refused("huge realloc of a block", std::realloc(kept.at, huge));
  void* block = nullptr;
  if (posix_memalign(&block, 24, 100) != EINVAL) fail("posix_memalign to 24", 24);
  if (posix_memalign(&block, 64, huge) != ENOMEM) fail("huge posix_memalign", 64);
  if (::operator new(huge, std::nothrow) != nullptr) fail("huge new", 0);
  try {
    block = ::operator new(huge);
    fail("huge new", 1);
  } catch (const std::bad_alloc&) {
  }
  try {
    block = ::operator new[](huge, align_val_t{64});
    fail("huge new", 2);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace soakline
