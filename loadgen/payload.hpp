// Payloads of seeded sizes: a stamp, then printable filler.
#pragma once

#include <cstdint>
#include <string>

#include <boost/random/uniform_int_distribution.hpp>

#include "loadgen/seeded.hpp"
#include "loadgen/stamp.hpp"
#include "units/quantity.hpp"

namespace soakline {

class Payload {
 public:
  // What one payload may have at most, bytes; the filler is held in memory.
  static constexpr std::uint64_t largest = 16 << 20;

  explicit Payload(ByteRange sizes);

  bool has_one_size() const { return size_.min() == size_.max(); }
  bool is_stamped() const { return size_.min() >= Stamp::size; }
  std::size_t next_size(Random& random) { return has_one_size() ? size_.min() : size_(random); }

  // Appends a payload of that size: the stamp, then a stretch of filler that begins at a random place. One
  // that has no room for a stamp has the last digits of the sequence instead, and nobody can account for it.
  void append(std::string& out, std::size_t size, const Stamp& stamp, Random& random) const;

 private:
  static constexpr std::size_t places = 4096;  // a power of two: every place is as likely

  boost::random::uniform_int_distribution<std::uint64_t> size_;
  std::string filler_;
};

}  // namespace soakline
