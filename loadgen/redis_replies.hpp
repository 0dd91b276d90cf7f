// RESP2 answers counted without being kept: nested arrays are walked as one sum of what is still owed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadgen/reply_reader.hpp"

namespace soakline {

class RedisReplies final : public ReplyReader {
 public:
  Parsed next(std::string_view& bytes, Reply& reply) override;
  void restart() override { *this = {}; }

 private:
  std::optional<std::string_view> take_line(std::string_view& bytes);
  bool read_line(std::string_view line, Reply& reply);

  std::int64_t owed_ = 0;       // elements until this answer is complete; 0: between answers
  std::int64_t bulk_left_ = 0;  // bytes of a string that is being skipped, its line end included
  std::string partial_;         // a line whose end has not come yet
  bool partial_done_ = false;   // partial_ was returned whole and can go
  std::string error_;
};

}  // namespace soakline
