// What an object is, by its first word: the vtable that it points into, named by a symbol or, where the
// program is stripped of them, by the name in its type's description (Itanium C++ ABI, 2.9.5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/holders/data_symbols.hpp"
#include "harness/process_memory.hpp"

namespace soakline {

struct Vtable {
  std::uint64_t start = 0, end = 0;
  std::string type;  // as people speak of it

  bool has(std::uint64_t address) const { return address >= start && address < end; }
};

class Vtables {
 public:
  Vtables(int pid, DataSymbols& data);

  // Null where it points at no vtable.
  const Vtable* at(std::uint64_t first_word);

 private:
  struct Range {
    std::uint64_t start, end;
  };
  std::optional<Vtable> by_symbol(std::uint64_t address);
  std::optional<Vtable> by_description(std::uint64_t address);
  bool is_in_file(std::uint64_t address) const;

  DataSymbols& data_;
  MemoryWindow memory_{4 << 10};
  std::vector<Range> of_files_;  // ascending
  std::map<std::uint64_t, std::optional<Vtable>> known_;
};

}  // namespace soakline
