#include "harness/chunk_classes.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace soakline {
namespace {

constexpr std::size_t fine_classes = 63;  // 32, 48 .. 1,024
constexpr std::uint64_t fine_bytes = 1024;

constexpr auto bounds = [] {
  std::array<double, chunk_class_count> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < fine_classes) {
      all[i] = static_cast<double>(32 + 16 * i);
      continue;
    }
    const std::size_t doubling = (i - fine_classes) / 8, eighth = (i - fine_classes) % 8 + 1;
    const std::size_t bound = (fine_bytes << doubling) / 8 * (8 + eighth);
    all[i] = static_cast<double>(bound);
  }
  return all;
}();
static_assert(bounds.back() == 32 << 20);

}  // namespace

std::span<const double> chunk_classes() {
  return bounds;
}

std::size_t chunk_class_of(std::uint64_t bytes) {
  if (bytes <= fine_bytes) return bytes <= 32 ? 0 : (bytes - 32 + 15) / 16;
  const std::uint64_t begin = std::bit_floor(bytes - 1);
  const auto doubling = static_cast<std::size_t>(std::countr_zero(begin) - std::countr_zero(fine_bytes));
  const std::size_t eighth = (8 * (bytes - begin) + begin - 1) / begin;  // 1 to 8
  return std::min(chunk_class_count - 1, fine_classes - 1 + 8 * doubling + eighth);
}

}  // namespace soakline
