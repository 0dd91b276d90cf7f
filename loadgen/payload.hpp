// Payloads of seeded sizes: a sequence number, then printable filler.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <boost/random/uniform_int_distribution.hpp>

#include "loadgen/seeded.hpp"
#include "units/quantity.hpp"

namespace soakline {

class Payload {
 public:
  // What one payload may have at most, bytes; the filler is held in memory.
  static constexpr std::uint64_t largest = 16 << 20;

  explicit Payload(ByteRange sizes);

  // Appends the next payload: its number in 16 hexadecimal digits (the last ones if it is shorter), then a
  // stretch of filler that begins at a random place.
  void append_next(std::string& out, Random& random);

 private:
  static constexpr std::size_t places = 4096;  // a power of two: every place is as likely

  void count_up();

  boost::random::uniform_int_distribution<std::uint64_t> size_;
  std::string filler_;
  std::array<char, 16> number_{};  // kept as digits: cheaper to count up than to write anew
};

}  // namespace soakline
