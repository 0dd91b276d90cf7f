#include "loadgen/stamp.hpp"

#include <bit>
#include <cstring>

#include "loadgen/crc32c.hpp"

namespace soakline {
namespace {

constexpr std::size_t crc_at = 32;

// Sixteen digits at once: a digit at a time cost more than the CRC.
using Bytes = std::uint8_t __attribute__((vector_size(16)));
using Words = std::uint64_t __attribute__((vector_size(16)));

std::uint64_t highest_byte_first(std::uint64_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

Bytes digits_of(std::uint64_t value) {
  const auto both = Bytes(Words{highest_byte_first(value), 0});
  const Bytes high = both >> 4;
  const Bytes low = both & 15;
  const Bytes nibbles =
      __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  return nibbles + '0' + (Bytes(nibbles > 9) & std::uint8_t{'a' - '0' - 10});
}

void write_digits(std::uint64_t value, char* to) {
  const Bytes digits = digits_of(value);
  std::memcpy(to, &digits, 16);
}

// Only of what a CRC has vouched for: other characters than digits give any value.
std::uint64_t read_digits(const char* from) {
  Bytes digits;
  std::memcpy(&digits, from, 16);
  const Bytes nibbles = (digits & 15) + (digits >> 6) * 9;
  const Bytes high = nibbles << 4;
  const Bytes bytes =
      __builtin_shufflevector(high, high, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14) |
      __builtin_shufflevector(nibbles, nibbles, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15);
  return highest_byte_first(Words(bytes)[0]);
}

// As they lie in memory.
std::uint64_t eight_digits(std::uint32_t value) {
  return Words(digits_of(value))[1];
}

}  // namespace

std::uint32_t crc_of_filler(std::string_view payload) {
  return crc32c(payload.substr(Stamp::size));
}

void write_stamp(const Stamp& stamp, char* payload, std::uint32_t filler_crc) {
  write_digits(std::uint64_t{stamp.publisher} << 48 | (stamp.sequence & 0xffff'ffff'ffff), payload);
  write_digits(static_cast<std::uint64_t>(stamp.intended_ns), payload + 16);
  const std::uint64_t crc = eight_digits(crc32c({payload, crc_at}, filler_crc));
  std::memcpy(payload + crc_at, &crc, 8);
}

std::optional<Stamp> read_stamp(std::string_view payload) {
  if (payload.size() < Stamp::size) return std::nullopt;
  // The digits themselves: a letter that became a capital is no longer what was sent.
  std::uint64_t crc = 0;
  std::memcpy(&crc, payload.data() + crc_at, 8);
  if (crc != eight_digits(crc32c(payload.substr(0, crc_at), crc_of_filler(payload)))) return std::nullopt;
  const std::uint64_t who = read_digits(payload.data());
  return Stamp{static_cast<std::uint16_t>(who >> 48), who & 0xffff'ffff'ffff,
               static_cast<std::int64_t>(read_digits(payload.data() + 16))};
}

}  // namespace soakline
