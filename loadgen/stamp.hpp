// What a payload says of itself: who sent it, as which of its messages, when it was due, and a CRC of it all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace soakline {

struct Stamp {
  // In this order, each in hexadecimal digits, at the front of a payload: 4 of publisher, 12 of sequence, 16
  // of intended_ns, 8 of a CRC-32C: of the filler that follows and then of the digits before. Digits, so
  // that a payload may stand in JSON or a log.
  static constexpr std::size_t size = 40;

  std::uint16_t publisher = 0;
  std::uint64_t sequence = 0;    // of this publisher's messages, from 0
  std::int64_t intended_ns = 0;  // after the start of the run
};

// Of what follows the stamp in a payload of Stamp::size or more: what write_stamp() must be given.
std::uint32_t crc_of_filler(std::string_view payload);

// Fills the first Stamp::size bytes of a payload.
void write_stamp(const Stamp& stamp, char* payload, std::uint32_t filler_crc);

// Nothing where the payload is too short, the digits are none, or the CRC is another.
std::optional<Stamp> read_stamp(std::string_view payload);

}  // namespace soakline
