#include "loadgen/stamp.hpp"

#include <bit>
#include <cstring>

#include "loadgen/crc32c.hpp"

namespace soakline {
namespace {

constexpr std::size_t crc_at = 32;
constexpr std::uint64_t each_byte = 0x0101010101010101U;

// Eight digits at once, a nibble a byte (SIMD within a register): a digit at a time cost more than the CRC.
std::uint64_t digits_of(std::uint32_t value) {
  std::uint64_t nibbles = value;
  nibbles = (nibbles << 16 | nibbles) & 0x0000ffff0000ffffU;
  nibbles = (nibbles << 8 | nibbles) & 0x00ff00ff00ff00ffU;
  nibbles = (nibbles << 4 | nibbles) & 0x0f0f0f0f0f0f0f0fU;
  const std::uint64_t letters = (nibbles + 6 * each_byte) >> 4 & each_byte;
  return nibbles + '0' * each_byte + letters * ('a' - '0' - 10);
}

// As they lie in memory: the highest digit first.
std::uint64_t written(std::uint32_t value) {
  const std::uint64_t digits = digits_of(value);
  return std::endian::native == std::endian::little ? __builtin_bswap64(digits) : digits;
}

void write_digits(std::uint32_t value, char* to) {
  const std::uint64_t digits = written(value);
  std::memcpy(to, &digits, 8);
}

// Only of what a CRC has vouched for: other characters than digits give any value.
std::uint32_t read_digits(const char* from) {
  std::uint64_t digits = 0;
  std::memcpy(&digits, from, 8);
  if constexpr (std::endian::native == std::endian::little) digits = __builtin_bswap64(digits);
  std::uint64_t nibbles = (digits & 0x0f * each_byte) + 9 * (digits >> 6 & each_byte);
  nibbles = (nibbles | nibbles >> 4) & 0x00ff00ff00ff00ffU;
  nibbles = (nibbles | nibbles >> 8) & 0x0000ffff0000ffffU;
  return static_cast<std::uint32_t>(nibbles | nibbles >> 16);
}

std::uint32_t crc_of(const char* payload, std::size_t size) {
  return crc32c({payload, crc_at}, {payload + Stamp::size, size - Stamp::size});
}

}  // namespace

void write_stamp(const Stamp& stamp, char* payload, std::size_t payload_size) {
  const std::uint64_t first = std::uint64_t{stamp.publisher} << 48 | (stamp.sequence & 0xffffffffffffU);
  const auto second = static_cast<std::uint64_t>(stamp.intended_ns);
  write_digits(static_cast<std::uint32_t>(first >> 32), payload);
  write_digits(static_cast<std::uint32_t>(first), payload + 8);
  write_digits(static_cast<std::uint32_t>(second >> 32), payload + 16);
  write_digits(static_cast<std::uint32_t>(second), payload + 24);
  write_digits(crc_of(payload, payload_size), payload + crc_at);
}

std::optional<Stamp> read_stamp(std::string_view payload) {
  if (payload.size() < Stamp::size) return std::nullopt;
  // The digits themselves: a letter that became a capital is no longer what was sent.
  std::uint64_t crc = 0;
  std::memcpy(&crc, payload.data() + crc_at, 8);
  if (crc != written(crc_of(payload.data(), payload.size()))) return std::nullopt;
  const std::uint64_t first =
      std::uint64_t{read_digits(payload.data())} << 32 | read_digits(payload.data() + 8);
  const std::uint64_t second =
      std::uint64_t{read_digits(payload.data() + 16)} << 32 | read_digits(payload.data() + 24);
  return Stamp{static_cast<std::uint16_t>(first >> 48), first & 0xffffffffffffU,
               static_cast<std::int64_t>(second)};
}

}  // namespace soakline
