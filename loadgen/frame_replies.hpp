// Echoed frames: 4 bytes of length, the highest first, then as many bytes.
#pragma once

#include "loadgen/reply_reader.hpp"

namespace soakline {

class FrameReplies final : public ReplyReader {
 public:
  Parsed next(std::string_view& bytes, Reply& reply) override;
  void restart() override { *this = {}; }

 private:
  int header_seen_ = 0;
  std::uint32_t length_ = 0;
  std::uint32_t body_left_ = 0;
};

}  // namespace soakline
