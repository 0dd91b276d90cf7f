#include "loadgen/frame_replies.hpp"

#include <algorithm>

#include "loadgen/payload.hpp"

namespace soakline {

Parsed FrameReplies::next(std::string_view& bytes, Reply& reply) {
  while (header_seen_ < 4 && !bytes.empty()) {
    length_ = length_ << 8 | static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (++header_seen_ == 4) body_left_ = length_;
  }
  if (header_seen_ < 4) return Parsed::more;
  if (length_ > Payload::largest) return Parsed::broken;
  const auto taken = std::min<std::size_t>(body_left_, bytes.size());
  bytes.remove_prefix(taken);
  body_left_ -= static_cast<std::uint32_t>(taken);
  if (body_left_ > 0) return Parsed::more;
  reply = {{}, std::uint64_t{length_} + 4};
  restart();
  return Parsed::reply;
}

}  // namespace soakline
