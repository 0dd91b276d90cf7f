// What a block is, in words: by its vtable, by the allocator's type at the place where it was born, or by
// that place.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/holders/block_index.hpp"
#include "harness/holders/data_symbols.hpp"
#include "harness/live_heap.hpp"

namespace soakline {

// A demangled type or object as people speak of it: without default arguments, not longer than a line.
std::string tidy_name(std::string name);

class TypeNames {
 public:
  TypeNames(const MemoryImage& image, DataSymbols& data, Symbols& code)
      : image_(image), data_(data), code_(code) {}

  // `caller`: of the block's site; 0 where that is not known.
  std::string name(const HeldBlock& block, std::uint64_t caller);

 private:
  std::string by_vtable(const HeldBlock& block);
  std::string by_place(std::uint64_t caller, std::uint64_t bytes);

  const MemoryImage& image_;
  DataSymbols& data_;
  Symbols& code_;
  std::map<std::uint64_t, std::string> by_caller_;
};

}  // namespace soakline
