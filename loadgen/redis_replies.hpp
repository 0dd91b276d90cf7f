// Answers of a redis server, counted without being kept; what it pushes in between is no answer.
#pragma once

#include <string>

#include "loadgen/reply_reader.hpp"
#include "loadgen/resp_scanner.hpp"

namespace soakline {

class RedisReplies final : public ReplyReader {
 public:
  explicit RedisReplies(Resp version) : scanner_(version) {}

  Parsed next(std::string_view& bytes, Reply& reply) override;
  void restart() override;

 private:
  Parsed parsed(RespScanner::Found found, Reply& reply);

  RespScanner scanner_;
  std::string partial_;  // of a line whose end has not come yet, or of an error's text
  std::string error_;
};

}  // namespace soakline
