#include "scenarios/redis_subscription/hash_slot.hpp"

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace redis_subscription {
namespace {

constexpr int slots = 16384;

std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
  }
  return static_cast<std::uint16_t>(crc);
}

// Keys with the same {tag} lie in one slot; an empty tag does not count.
std::string_view hashed_part(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

std::string_view next_word(std::string_view& text) {
  const auto space = text.find(' ');
  const auto word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

}  // namespace

int hash_slot(std::string_view key) {
  return crc16(hashed_part(key)) % slots;
}

std::optional<Moved> parse_moved(std::string_view error, const Endpoint& asked) {
  if (next_word(error) != "MOVED") return std::nullopt;
  const auto digits = next_word(error);
  const auto address = next_word(error);

  Moved moved;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), moved.slot);
  if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (moved.slot < 0 || moved.slot >= slots) return std::nullopt;
  try {
    moved.to =
        parse_endpoint(address.starts_with(':') ? asked.host + std::string(address) : std::string(address));
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
  return moved;
}

}  // namespace redis_subscription
