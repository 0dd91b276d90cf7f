#include "harness/holders/waiting_chunks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace soakline {
namespace {

constexpr std::uint64_t header_bytes = 16, least_chunk = 32, alignment = 16;

// malloc/malloc.c, tcache_perthread_struct: how many wait of each of 64 sizes, then the first of each. The
// counts had one byte up to 2.29.
constexpr std::size_t cached_sizes = 64;
struct CacheLayout {
  std::uint64_t chunk_bytes, count_bytes;
};
constexpr std::array cache_layouts = {CacheLayout{0x290, 2}, CacheLayout{0x250, 1}};

// malloc_state: the fastbins are among its first words.
constexpr std::uint64_t state_head_bytes = 128;

class Waiting {
 public:
  Waiting(const MemoryImage& image, std::span<const HeapChunk> chunks)
      : image_(image), chunks_(chunks), waits_(chunks.size()) {}

  void follow_caches() {
    for (const CacheLayout& layout : cache_layouts)
      for (const HeapChunk& chunk : chunks_)
        if (chunk.bytes == layout.chunk_bytes && is_cache(chunk.block(), layout))
          follow_cache(chunk.block(), layout);
  }
  // Nothing but a fastbin points at the beginning of a chunk that is in use by its flags.
  void follow_fastbins(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t at = from; at < to; at += 8)
      if (const std::uint64_t start = image_.word(at).value_or(0); start != 0)
        follow(start + header_bytes, header_bytes);
  }
  std::vector<bool> result() && { return std::move(waits_); }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  std::size_t number_of(std::uint64_t block) const {
    const std::uint64_t start = block - header_bytes;
    const auto found =
        std::lower_bound(chunks_.begin(), chunks_.end(), start,
                         [](const HeapChunk& chunk, std::uint64_t at) { return chunk.start < at; });
    return found == chunks_.end() || found->start != start
               ? none
               : static_cast<std::size_t>(found - chunks_.begin());
  }
  std::uint64_t first_of(std::uint64_t cache, const CacheLayout& layout, std::size_t size) const {
    return image_.word(cache + cached_sizes * layout.count_bytes + 8 * size).value_or(0);
  }
  // Some waits, and each first one is of the size that it ought to be.
  bool is_cache(std::uint64_t cache, const CacheLayout& layout) const {
    bool any = false;
    for (std::size_t size = 0; size < cached_sizes; ++size) {
      const std::uint64_t bits = image_.word(cache + size * layout.count_bytes).value_or(0);
      const std::uint64_t count = bits & ((std::uint64_t{1} << 8 * layout.count_bytes) - 1);
      const std::uint64_t first = first_of(cache, layout, size);
      if ((count == 0) != (first == 0)) return false;
      if (first == 0) continue;
      const std::size_t number = number_of(first);
      if (number == none || chunks_[number].bytes != least_chunk + size * alignment) return false;
      any = true;
    }
    return any;
  }
  void follow_cache(std::uint64_t cache, const CacheLayout& layout) {
    for (std::size_t size = 0; size < cached_sizes; ++size)
      if (const std::uint64_t first = first_of(cache, layout, size); first != 0) follow(first, 0);
  }
  // From block to block of one size; `ahead`: how far before the next block the pointer to it points.
  void follow(std::uint64_t block, std::uint64_t ahead) {
    std::size_t number = number_of(block);
    const std::uint64_t bytes = number == none ? 0 : chunks_[number].bytes;
    while (number != none && chunks_[number].bytes == bytes && !waits_[number]) {
      waits_[number] = true;
      const std::uint64_t here = chunks_[number].block(), next = image_.word(here).value_or(0);
      number = number_of(next + ahead);
      if (number == none) number = number_of((next ^ here >> 12) + ahead);  // PROTECT_PTR, since 2.32
    }
  }

  const MemoryImage& image_;
  std::span<const HeapChunk> chunks_;
  std::vector<bool> waits_;
};

}  // namespace

std::vector<bool> waiting_chunks(const MemoryImage& image, std::span<const HeapChunk> chunks,
                                 std::span<const std::uint64_t> arenas) {
  Waiting waiting(image, chunks);
  waiting.follow_caches();
  for (const std::uint64_t arena : arenas) waiting.follow_fastbins(arena, arena + state_head_bytes);
  // The main arena's state is a global of libc.
  for (const Area& area : image.areas())
    if (area.kind == Area::Kind::globals && is_glibc(area.file))
      waiting.follow_fastbins(area.start, area.end);
  return std::move(waiting).result();
}

}  // namespace soakline
