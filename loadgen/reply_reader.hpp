// Answers found in a stream of bytes, wherever it is cut; one reader a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "loadgen/load_plan.hpp"

namespace soakline {

// Views are valid until the next call.
struct Reply {
  std::string_view error;  // what the server said was wrong; empty: nothing
  std::string_view echo;   // the payload that came back, of a kind that is echoed
  std::size_t count = 1;   // of answers without an error or an echo that came one upon the other
};

enum class Parsed { reply, more, broken };

class ReplyReader {
 public:
  virtual ~ReplyReader() = default;

  // Takes bytes from the front until an answer, or several at once, is complete (reply), none are left
  // (more), or they are not what this kind of server says (broken).
  virtual Parsed next(std::string_view& bytes, Reply& reply) = 0;

  // A new connection begins.
  virtual void restart() = 0;
};

std::unique_ptr<ReplyReader> make_reply_reader(const LoadPlan& plan);

}  // namespace soakline
