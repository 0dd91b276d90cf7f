#include "loadgen/stream_hash.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>

namespace soakline {
namespace {

constexpr std::uint64_t odd = 0x9e3779b97f4a7c15U;

std::uint64_t mix(std::uint64_t lane, std::uint64_t word) {
  return std::rotl((lane ^ word) * odd, 29);
}

// The lowest byte first, so that the value does not depend on the machine's order; absent bytes are zero.
std::uint64_t word_at(const char* bytes, std::size_t count = 8) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

}  // namespace

void StreamHash::add(std::string_view message, std::int64_t intended_ns) {
  lanes_[0] = mix(lanes_[0], static_cast<std::uint64_t>(intended_ns));
  lanes_[1] = mix(lanes_[1], message.size());
  const char* at = message.data();
  std::size_t left = message.size();
  for (; left >= 32; at += 32, left -= 32)
    for (std::size_t lane = 0; lane < 4; ++lane) lanes_[lane] = mix(lanes_[lane], word_at(at + 8 * lane));
  std::size_t lane = 0;
  for (; left >= 8; at += 8, left -= 8, ++lane) lanes_[lane] = mix(lanes_[lane], word_at(at));
  if (left > 0) lanes_[lane] = mix(lanes_[lane], word_at(at, left));
}

std::string StreamHash::text() const {
  std::uint64_t value = 0;
  for (const auto lane : lanes_) value = mix(value, lane ^ (lane >> 31));
  return fmt::format("{:016x}", value ^ (value >> 29));
}

}  // namespace soakline
