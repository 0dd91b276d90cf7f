#include "harness/holders/constructed_type.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace soakline {
namespace {

constexpr std::uint64_t farthest =
    1024;  // bytes of code between the allocation and the constructor, where its arguments are made
constexpr int deepest = 64;

struct Free {
  void operator()(Dwarf_Die* dies) const { std::free(dies); }
};
using Dies = std::unique_ptr<Dwarf_Die, Free>;

bool follow(Dwarf_Die& die, unsigned attribute_name) {
  Dwarf_Attribute attribute;
  Dwarf_Die next;
  if (dwarf_attr(&die, attribute_name, &attribute) == nullptr ||
      dwarf_formref_die(&attribute, &next) == nullptr)
    return false;
  die = next;
  return true;
}

// The class that a function constructs if it is of that size, with its namespaces; "" if it does not.
std::string class_constructed_by(Dwarf_Die function, std::uint64_t bytes) {
  while (follow(function, DW_AT_abstract_origin) || follow(function, DW_AT_specification)) {
  }
  Dwarf_Die* found = nullptr;
  const int number = dwarf_getscopes_die(&function, &found);
  const Dies scopes(found);
  if (number < 2) return {};
  const char* const function_name = dwarf_diename(&found[0]);
  const char* const class_name = dwarf_diename(&found[1]);
  const int tag = dwarf_tag(&found[1]);
  if (function_name == nullptr || class_name == nullptr ||
      (tag != DW_TAG_class_type && tag != DW_TAG_structure_type) ||
      static_cast<std::uint64_t>(dwarf_bytesize(&found[1])) != bytes)
    return {};
  // A template's arguments are no part of its constructor's name.
  const std::size_t length = std::strlen(function_name);
  if (std::strncmp(class_name, function_name, length) != 0 ||
      (class_name[length] != 0 && class_name[length] != '<'))
    return {};
  std::string name = class_name;
  for (int i = 2; i < number; ++i)
    if (const char* const part = dwarf_diename(&found[i]);
        part != nullptr && dwarf_tag(&found[i]) != DW_TAG_compile_unit)
      name = std::string(part) + "::" + name;
  return name;
}

// Looks through a function for calls and inlined code, for the first constructor after a place.
class Search {
 public:
  Search(Dwarf_Addr from, std::uint64_t bytes) : from_(from), bytes_(bytes), nearest_(from + farthest) {}

  void through(Dwarf_Die* scope, int depth = 0) {
    Dwarf_Die child;
    if (depth > deepest || dwarf_child(scope, &child) != 0) return;
    do {
      const int tag = dwarf_tag(&child);
      if (tag == DW_TAG_call_site) {
        Dwarf_Attribute attribute;
        Dwarf_Addr after = 0;
        Dwarf_Die called = child;
        if (dwarf_formaddr(dwarf_attr(&child, DW_AT_call_return_pc, &attribute), &after) == 0 &&
            follow(called, DW_AT_call_origin))
          consider(after, called);
      } else if (tag == DW_TAG_inlined_subroutine) {
        Dwarf_Addr entry = 0, base = 0, begin = 0, end = 0;
        if (dwarf_entrypc(&child, &entry) == 0) consider(entry, child);
        for (std::ptrdiff_t at = 0; (at = dwarf_ranges(&child, at, &base, &begin, &end)) > 0;)
          consider(begin, child);
        through(&child, depth + 1);
      } else if (tag == DW_TAG_lexical_block) {
        through(&child, depth + 1);
      }
    } while (dwarf_siblingof(&child, &child) == 0);
  }
  const std::string& found() const { return found_; }

 private:
  void consider(Dwarf_Addr at, const Dwarf_Die& function) {
    if (at < from_ || at >= nearest_) return;
    std::string type = class_constructed_by(function, bytes_);
    if (type.empty()) return;
    nearest_ = at;
    found_ = std::move(type);
  }

  Dwarf_Addr from_;
  std::uint64_t bytes_;
  Dwarf_Addr nearest_;
  std::string found_;
};

}  // namespace

std::string constructed_type(Symbols& symbols, std::uint64_t return_address, std::uint64_t bytes) {
  if (symbols.session() == nullptr) return {};
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = dwfl_addrdie(symbols.session(), return_address - 1, &bias);
  Dwarf_Die *innermost = nullptr, *found = nullptr;
  if (unit == nullptr || dwarf_getscopes(unit, return_address - 1 - bias, &innermost) <= 0) return {};
  const Dies at_code(innermost);
  const int number = dwarf_getscopes_die(innermost, &found);  // of inlined code those that it is in
  const Dies scopes(found);
  Search search(return_address - bias, bytes);
  for (int i = 0; i < number; ++i)
    if (dwarf_tag(&found[i]) == DW_TAG_subprogram) {
      search.through(&found[i]);
      break;
    }
  return search.found();
}

}  // namespace soakline
