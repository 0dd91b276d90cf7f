#include "scenarios/executor/frame_codec.hpp"

namespace executor {
namespace {

// A buffer that one large frame has stretched is not kept once it is empty.
constexpr std::size_t kept_capacity = 65'536;

std::uint32_t read_length(std::string_view header) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < frame_header_bytes; ++i)
    length = length << 8 | static_cast<unsigned char>(header[i]);
  return length;
}

}  // namespace

void append_frame(std::string& out, std::string_view payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift & 0xff));
  out.append(payload);
}

void FrameDecoder::append(std::string_view bytes) {
  bytes_.erase(0, taken_);
  taken_ = 0;
  if (bytes_.empty() && bytes_.capacity() > kept_capacity) bytes_.shrink_to_fit();
  if (!refused_) bytes_.append(bytes);
}

std::optional<std::string_view> FrameDecoder::next() {
  const auto rest = std::string_view(bytes_).substr(taken_);
  if (refused_ || rest.size() < frame_header_bytes) return std::nullopt;
  const auto length = read_length(rest);
  if (length > max_frame_) {
    refused_ = length;
    return std::nullopt;
  }
  if (rest.size() - frame_header_bytes < length) return std::nullopt;
  taken_ += frame_header_bytes + length;
  return rest.substr(frame_header_bytes, length);
}

}  // namespace executor
