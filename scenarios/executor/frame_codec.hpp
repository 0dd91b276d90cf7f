// Frames on the wire: four bytes of length, the highest first, then the payload. No sockets here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace executor {

inline constexpr std::size_t frame_header_bytes = 4;

void append_frame(std::string& out, std::string_view payload);

// Finds the frames in bytes that come in pieces of any size.
class FrameDecoder {
 public:
  explicit FrameDecoder(std::uint32_t max_frame) : max_frame_(max_frame) {}

  void append(std::string_view bytes);

  // The next whole frame's payload, valid until append(); nothing if there is none yet or one was refused.
  std::optional<std::string_view> next();

  // The length of a frame over the maximum: refused as soon as its header is there, and nothing after it is
  // read.
  std::optional<std::uint32_t> refused() const { return refused_; }

 private:
  const std::uint32_t max_frame_;
  std::string bytes_;
  std::size_t taken_ = 0;  // of bytes_, in frames already given out
  std::optional<std::uint32_t> refused_;
};

}  // namespace executor
