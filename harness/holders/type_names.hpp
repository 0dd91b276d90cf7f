// What a block is, in words: by its vtable, by the allocator's type at the place where it was born, or by
// that place.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/holders/held_blocks.hpp"
#include "harness/holders/vtables.hpp"

namespace soakline {

// A demangled type or object as people speak of it: without default arguments, not longer than a line.
std::string tidy_name(std::string name);

// The same of an object's type, told by what is in it where that is one of the library's own.
std::string tidy_type(const std::string& type);

class TypeNames {
 public:
  TypeNames(const MemoryImage& image, Vtables& vtables, Symbols& code)
      : image_(image), vtables_(vtables), code_(code) {}

  // The same for blocks of one type or, where they do not tell it, of one size.
  std::uint64_t kind(const HeldBlock& block);
  // `caller`: of the block's site; 0 where that is not known.
  std::string name(const HeldBlock& block, std::uint64_t caller);

 private:
  const Vtable* vtable(const HeldBlock& block);
  std::string by_place(std::uint64_t caller, std::uint64_t bytes);

  const MemoryImage& image_;
  Vtables& vtables_;
  Symbols& code_;
  std::map<std::uint64_t, std::string> by_caller_;
  // The vtable that was first to tell a type: a template may have many.
  std::map<std::string, std::uint64_t> first_of_type_;
};

}  // namespace soakline
