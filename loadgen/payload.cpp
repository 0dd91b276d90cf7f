#include "loadgen/payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace soakline {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr std::size_t most_digits = 12;

void append_numbered(std::string& out, std::size_t size, std::string_view filler, std::uint64_t sequence) {
  const std::string number = fmt::format("{:012x}", sequence);
  const std::size_t digits = std::min(size, most_digits);
  out.append(number, number.size() - digits);
  out.append(filler.substr(0, size - digits));
}

}  // namespace

Payload::Payload(ByteRange sizes) : size_(sizes.least, sizes.most) {
  // The filler is the same in every run: the stretch that is taken is what the seed decides.
  Random random;
  filler_.resize(sizes.most + places);
  for (std::size_t i = 0; i < filler_.size(); i += 8) {
    std::uint64_t bits = random();
    for (std::size_t j = i; j < std::min(i + 8, filler_.size()); ++j, bits >>= 8)
      filler_[j] = letters[bits & 63];
  }
}

void Payload::append(std::string& out, std::size_t size, const Stamp& stamp, Random& random) const {
  const std::size_t place = random() % places;
  if (size < Stamp::size)
    return append_numbered(out, size, std::string_view(filler_).substr(place), stamp.sequence);
  const std::size_t begin = out.size();
  // Filler also where the stamp goes: one copy.
  out.append(filler_, place, size);
  write_stamp(stamp, out.data() + begin, crc_of_filler({out.data() + begin, size}));
}

}  // namespace soakline
