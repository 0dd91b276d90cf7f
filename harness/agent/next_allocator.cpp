#include "harness/agent/next_allocator.hpp"

#include <atomic>

#include "harness/agent/next_symbol.hpp"

namespace soakline {

constinit NextAllocator next_functions{};

namespace {

constexpr std::size_t first_bytes = 32 << 10;
alignas(16) char first[first_bytes];
std::atomic<std::size_t> first_used;

enum class Search { not_begun, on, done };
std::atomic<Search> search;

template <typename Function>
void look_up(Function& function, const char* name) {
  function = reinterpret_cast<Function>(next_symbol(name));
}

}  // namespace

const NextAllocator* next_allocator() {
  if (search.load(std::memory_order_acquire) == Search::done) [[likely]]
    return &next_functions;
  auto expected = Search::not_begun;
  if (!search.compare_exchange_strong(expected, Search::on)) return nullptr;
  look_up(next_functions.malloc, "malloc");
  look_up(next_functions.free, "free");
  look_up(next_functions.calloc, "calloc");
  look_up(next_functions.realloc, "realloc");
  look_up(next_functions.memalign, "memalign");
  look_up(next_functions.malloc_usable_size, "malloc_usable_size");
  look_up(next_functions.operator_new, "_Znwm");
  search.store(Search::done, std::memory_order_release);
  return &next_functions;
}

void* first_memory(std::size_t bytes) {
  const std::size_t rounded = (bytes + 15) / 16 * 16;
  const std::size_t at = first_used.fetch_add(rounded);
  return bytes <= first_bytes && at <= first_bytes - rounded ? first + at : nullptr;
}

bool is_first_memory(const void* block) {
  const auto* at = static_cast<const char*>(block);
  return at >= first && at < first + first_bytes;
}

std::size_t first_memory_after(const void* block) {
  return static_cast<std::size_t>(first + first_bytes - static_cast<const char*>(block));
}

}  // namespace soakline
