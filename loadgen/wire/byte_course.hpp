// When the bytes of one direction of a connection go on: at once, or as a fault of the wire holds them up.
// Knows no clock and no socket. Times are nanoseconds of any steady clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>

namespace soakline {

// All zero: bytes go on as they come.
struct BytePace {
  bool held = false;          // nothing goes on
  double delay_s = 0;         // each byte goes on so much after it came
  std::size_t piece = 0;      // at most so many bytes at once, 0: any number
  double pause_s = 0;         // between two pieces
  double bytes_per_s = 0;     // 0: any rate
  bool slow_reading = false;  // no more is taken in than goes on
};

class ByteCourse {
 public:
  static constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();

  // What waits for its delay goes on at once under a pace without one.
  void set(const BytePace& pace, std::int64_t now_ns);
  void add(std::string_view bytes, std::int64_t now_ns);

  // What may go on now; gone() says how much of it did.
  std::string_view due(std::int64_t now_ns) const;
  void gone(std::size_t size, std::int64_t now_ns);
  // When there will be something due; never_ns where nothing waits, or all is held.
  std::int64_t next_ns() const;

  std::size_t waiting() const { return waiting_; }
  // Whether more should be read: a side that sends without end must not fill the memory.
  bool wants_more() const;
  std::size_t read_size() const;  // at most so much at once

 private:
  struct Chunk {
    std::int64_t ready_ns;
    std::string bytes;
    std::size_t gone = 0;
  };
  std::size_t largest_step() const;

  BytePace pace_;
  std::deque<Chunk> chunks_;
  std::size_t waiting_ = 0;
  std::int64_t free_ns_ = 0;  // when the pace lets the next bytes go
};

}  // namespace soakline
