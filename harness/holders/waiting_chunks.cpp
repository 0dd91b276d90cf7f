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

// malloc_state: the fastbins are among its first words. MAX_FAST_SIZE, as a chunk.
constexpr std::uint64_t state_head_bytes = 128, largest_fast = 176;

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
  // Where a state points at the beginning of a small chunk that is in use by its flags, that is the first of
  // a fastbin, or what the last one was cut from: then it does not point on as those of a fastbin do.
  void follow_fastbins(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t at = from; at < to; at += 8) {
      const std::size_t number = number_of(image_.word(at).value_or(0) + header_bytes);
      if (number != none && chunks_[number].bytes <= largest_fast && points_on(chunks_[number], header_bytes))
        follow(number, header_bytes);
    }
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
      if (const std::uint64_t first = first_of(cache, layout, size); first != 0) follow(number_of(first), 0);
  }
  // The next one's block, its address scrambled or not (PROTECT_PTR, since 2.32); 0 behind the last. `ahead`:
  // how far before the next block the pointer to it points.
  std::array<std::uint64_t, 2> next_blocks(const HeapChunk& chunk, std::uint64_t ahead) const {
    const std::uint64_t here = chunk.block(), next = image_.word(here).value_or(0);
    const std::uint64_t clear = next ^ here >> 12;
    return {next == 0 ? 0 : next + ahead, clear == 0 ? 0 : clear + ahead};
  }
  bool points_on(const HeapChunk& chunk, std::uint64_t ahead) const {
    const auto next = next_blocks(chunk, ahead);
    return std::any_of(next.begin(), next.end(), [&](std::uint64_t block) {
      const std::size_t number = number_of(block);
      return block == 0 || (number != none && chunks_[number].bytes == chunk.bytes);
    });
  }
  // From chunk to chunk of one size.
  void follow(std::size_t number, std::uint64_t ahead) {
    const std::uint64_t bytes = chunks_[number].bytes;
    while (number != none && chunks_[number].bytes == bytes && !waits_[number]) {
      waits_[number] = true;
      const auto [as_is, clear] = next_blocks(chunks_[number], ahead);
      number = number_of(as_is);
      if (number == none) number = number_of(clear);
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
