// What is said and heard on one connection, without any I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace soakline {

class Dialogue {
 public:
  virtual ~Dialogue() = default;

  // What is to be written now; empty: nothing. Valid until the next call.
  virtual std::string_view to_write(std::int64_t now_ns) = 0;
  virtual void wrote(std::size_t bytes) = 0;

  struct Heard {
    std::size_t replies = 0;
    std::size_t answered = 0;  // those that were not failures
    std::string broken;        // why the connection cannot go on; empty: it can
  };
  virtual Heard hear(std::string_view bytes, std::int64_t now_ns) = 0;

  // It is open, and the server has answered the greeting.
  virtual void opened() {}
  virtual void lost(std::string_view why) = 0;
};

}  // namespace soakline
