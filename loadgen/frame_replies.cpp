#include "loadgen/frame_replies.hpp"

#include <algorithm>

#include "loadgen/payload.hpp"

namespace soakline {
namespace {

std::size_t length_of(std::string_view frame) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < frame_header; ++i) length = length << 8 | static_cast<unsigned char>(frame[i]);
  return length;
}

}  // namespace

Parsed FrameReplies::next(std::string_view& bytes, Reply& reply) {
  if (taken_) partial_.clear();
  taken_ = false;
  const auto take = [&](std::size_t size) {
    partial_ += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
  };
  if (!partial_.empty() && partial_.size() < frame_header) take(frame_header - partial_.size());
  const std::string_view frame = partial_.empty() ? bytes : partial_;
  if (frame.size() >= frame_header && length_of(frame) > Payload::largest) return Parsed::broken;
  if (partial_.empty() && frame.size() >= frame_header && frame.size() - frame_header >= length_of(frame)) {
    reply = {{}, frame.substr(frame_header, length_of(frame))};
    bytes.remove_prefix(frame_header + reply.echo.size());
    return Parsed::reply;
  }
  take(frame.size() < frame_header ? bytes.size() : frame_header + length_of(frame) - partial_.size());
  if (partial_.size() < frame_header || partial_.size() < frame_header + length_of(partial_))
    return Parsed::more;
  reply = {{}, std::string_view(partial_).substr(frame_header)};
  taken_ = true;
  return Parsed::reply;
}

}  // namespace soakline
