// What a block is, in words: by its vtable, by the allocator's type at the place where it was born, or by
// that place.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/holders/data_symbols.hpp"
#include "harness/holders/held_blocks.hpp"

namespace soakline {

// A demangled type or object as people speak of it: without default arguments, not longer than a line.
std::string tidy_name(std::string name);

// The vtable that an object whose first word this is has, and what such an object is; nothing if it is none.
std::optional<DataSymbol> vtable_at(DataSymbols& data, std::uint64_t first_word);
std::string type_of(const DataSymbol& vtable);

class TypeNames {
 public:
  TypeNames(const MemoryImage& image, DataSymbols& data, Symbols& code)
      : image_(image), data_(data), code_(code) {}

  // The same for blocks of one type or, where they do not tell it, of one size.
  std::uint64_t kind(const HeldBlock& block);
  // `caller`: of the block's site; 0 where that is not known.
  std::string name(const HeldBlock& block, std::uint64_t caller);

 private:
  std::optional<DataSymbol> vtable(const HeldBlock& block);
  std::string by_place(std::uint64_t caller, std::uint64_t bytes);

  const MemoryImage& image_;
  DataSymbols& data_;
  Symbols& code_;
  std::map<std::uint64_t, std::string> by_caller_;
  // Vtables by those that were first to tell the same type: a template has many.
  std::map<std::uint64_t, std::uint64_t> kinds_;
  std::map<std::string, std::uint64_t> first_of_type_;
};

}  // namespace soakline
