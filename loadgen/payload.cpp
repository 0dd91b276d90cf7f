#include "loadgen/payload.hpp"

#include <algorithm>
#include <string_view>

namespace soakline {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
}  // namespace

Payload::Payload(ByteRange sizes) : size_(sizes.least, sizes.most) {
  // The filler is the same in every run: the stretch that is taken is what the seed decides.
  Random random;
  number_.fill('0');
  filler_.resize(sizes.most + places);
  for (std::size_t i = 0; i < filler_.size(); i += 8) {
    std::uint64_t bits = random();
    for (std::size_t j = i; j < std::min(i + 8, filler_.size()); ++j, bits >>= 8)
      filler_[j] = letters[bits & 63];
  }
}

void Payload::append_next(std::string& out, Random& random) {
  const std::size_t size = size_.min() == size_.max() ? size_.min() : size_(random);
  const std::size_t numbered = std::min(size, number_.size());
  out.append(number_.end() - static_cast<std::ptrdiff_t>(numbered), number_.end());
  out.append(filler_, random() % places, size - numbered);
  count_up();
}

void Payload::count_up() {
  for (auto digit = number_.rbegin(); digit != number_.rend(); ++digit) {
    if (*digit == 'f') {
      *digit = '0';
      continue;
    }
    *digit = *digit == '9' ? 'a' : static_cast<char>(*digit + 1);
    return;
  }
}

}  // namespace soakline
