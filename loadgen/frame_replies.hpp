// Echoed frames: 4 bytes of length, the highest first, then as many bytes.
#pragma once

#include <cstddef>
#include <string>

#include "loadgen/reply_reader.hpp"

namespace soakline {

// Bytes before the payload.
inline constexpr std::size_t frame_header = 4;

class FrameReplies final : public ReplyReader {
 public:
  Parsed next(std::string_view& bytes, Reply& reply) override;
  void restart() override { partial_.clear(); }

 private:
  std::string partial_;  // a frame that has not come wholly
  bool taken_ = false;   // partial_ was returned as an answer
};

}  // namespace soakline
