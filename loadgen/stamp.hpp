// What a payload says of itself: who sent it, as which of its messages, when it was due, and a CRC of it all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace soakline {

struct Stamp {
  // In this order, each in hexadecimal digits, at the front of a payload: 4 of publisher, 12 of sequence, 16
  // of intended_ns, 8 of the CRC-32C of all other bytes. Digits, so that a payload may stand in JSON or a
  // log.
  static constexpr std::size_t size = 40;

  std::uint16_t publisher = 0;
  std::uint64_t sequence = 0;    // of this publisher's messages, from 0
  std::int64_t intended_ns = 0;  // after the start of the run
};

// Fills the first Stamp::size bytes of a payload of that size or more; the rest must be there.
void write_stamp(const Stamp& stamp, char* payload, std::size_t payload_size);

// Nothing where the payload is too short, the digits are none, or the CRC is another.
std::optional<Stamp> read_stamp(std::string_view payload);

}  // namespace soakline
