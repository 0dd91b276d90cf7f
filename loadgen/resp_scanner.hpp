// Where a RESP value ends, in a stream of bytes that may be cut anywhere.
// RESP2 and RESP3 as redis specifies them (redis.io/docs/reference/protocol-spec).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace soakline {

enum class Resp { v2, v3 };

class RespScanner {
 public:
  explicit RespScanner(Resp version = Resp::v2) : version_(version) {}

  enum class Found { value, push, more, broken };

  // Goes on at bytes[at], which it moves over all it has understood, to the end of one value (v3: or of what
  // the server pushes). more: the rest, half a line at most, must come again with what follows it. A value's
  // first byte and the bytes it moves over may come in several calls. broken: that is no RESP.
  Found next(std::string_view bytes, std::size_t& at);

  // Takes all integers of one digit off the front, as many answers are one; between values only. How many.
  static std::size_t skip_short_integers(std::string_view& bytes);

  // Of the value that next() found last: an error, '-' or '!'.
  bool is_error() const { return top_ == '-' || top_ == '!'; }
  bool is_integer() const { return top_ == ':'; }
  void restart() { *this = RespScanner(version_); }

 private:
  // An array or the like that has not ended.
  struct Open {
    std::int64_t left;  // elements to come; until_marked: until its end says so
    char type;
  };
  static constexpr std::int64_t until_marked = -1;

  bool begin(std::string_view line);
  bool begin_typed(char type, std::string_view text);
  bool open(char type, std::int64_t elements);
  bool end_streamed(char type);
  void end_value();

  Resp version_;
  char top_ = 0;                 // the type of the outermost value
  bool complete_ = false;        // the outermost value has ended
  bool streaming_ = false;       // chunks of a string of unknown length
  std::int64_t bulk_left_ = -1;  // bytes of a string and its line end; -1: no string
  std::vector<Open> open_;
};

}  // namespace soakline
