// A redis command with placeholders, written as RESP2 for every message anew.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/payload.hpp"
#include "loadgen/seeded.hpp"

namespace soakline {

// The command as written cannot be used; what() says why and what to write instead.
struct CommandError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "SET key:{uniform:100000} {payload}": words between blanks; {uniform:N} is 0..N-1, {{ and }} are braces.
class RedisCommand {
 public:
  // CommandError on an unknown placeholder, no command, or one that redis does not answer exactly once.
  RedisCommand(std::string_view text, Payload payload);

  bool has_payload() const { return has_payload_; }
  void append_next(std::string& out, Random& random);

 private:
  struct Piece {
    enum class Kind { text, uniform, payload } kind;
    std::string text;
    std::uint64_t most = 0;
  };
  // Bytes that are the same in every message, then one word that is not (none: no pieces).
  struct Step {
    std::string constant;
    std::vector<Piece> word;
  };

  static std::vector<Piece> read_word(std::string_view word);
  static Piece placeholder(std::string_view name);

  std::vector<Step> steps_;
  Payload payload_;
  bool has_payload_ = false;
  std::string word_;  // the one being written; kept for its memory
};

}  // namespace soakline
