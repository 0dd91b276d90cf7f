// A fingerprint of all that a run offered and when: one seed gives one value on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace soakline {

// Four lanes of multiply and rotate, 32 bytes a step: a byte-wise hash would cost more than the sending.
// Not for secrets; it tells two streams apart.
class StreamHash {
 public:
  void add(std::string_view message, std::int64_t intended_ns);
  // 16 hexadecimal digits.
  std::string text() const;

 private:
  std::array<std::uint64_t, 4> lanes_{0x243f6a8885a308d3U, 0x13198a2e03707344U, 0xa4093822299f31d0U,
                                      0x082efa98ec4e6c89U};
};

}  // namespace soakline
