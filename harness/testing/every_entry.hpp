// Blocks through every function that gives or takes one, full of a pattern that is theirs alone: whatever
// overlaps, moves or loses them is noticed, and ends the program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace soakline {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_ % bound;
  }

 private:
  std::uint64_t state_;
};

// How a block came about, and so how it goes.
enum class Family : std::uint8_t { c, plain, array, aligned, aligned_array };

struct Block {
  char* at = nullptr;
  std::size_t bytes = 0;  // that are counted: what was asked for, whole pages of pvalloc
  std::size_t alignment = 0;
  Family family = Family::c;
};

// What will be asked of which function.
struct Wish {
  int entry;
  std::size_t bytes, alignment;

  static Wish by_chance(Random& random);
  static Wish of_malloc(std::size_t bytes);
  std::size_t counted_bytes() const;
};

Block allocate(const Wish& wish);
void release(const Block& block, Random& random);
// Of Family::c only, to the same alignment as malloc's.
Block resize(const Block& block, std::size_t bytes, Random& random);

// Asks for what no allocator may give, and for what it must refuse, also for this block of malloc's, which
// stays.
void be_refused(const Block& kept);

[[noreturn]] void fail(const char* what, std::size_t value);

}  // namespace soakline
