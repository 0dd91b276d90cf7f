// Messages that differ in their payload's stamp and filler only: copied whole and stamped.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "loadgen/payload.hpp"

namespace soakline {

class WrappedPayload {
 public:
  // The payload has one size, with room for a stamp.
  WrappedPayload(std::string_view before, Payload& payload, std::string_view after, Random& random);

  void append(std::string& out, const Stamp& stamp) const;

 private:
  struct Prototype {
    std::string message;
    std::uint32_t filler_crc;
  };
  // As many as the cache holds beside all else; which one comes is a matter of the sequence.
  std::array<Prototype, 64> prototypes_;
  std::size_t payload_at_;
};

}  // namespace soakline
