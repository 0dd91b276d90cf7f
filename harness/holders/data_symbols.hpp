// Names for what is no code: globals, statics of functions, vtables and thread-locals, by the symbol tables
// of a process's modules.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/symbols.hpp"

struct Dwfl_Module;

namespace soakline {

struct DataSymbol {
  std::uint64_t start = 0, end = 0;  // addresses; of a thread-local its places in the module's segment
  const char* name = nullptr;        // mangled
};

class DataSymbols {
 public:
  explicit DataSymbols(Symbols& symbols);

  std::optional<DataSymbol> at(std::uint64_t address);
  // The main program's, which lie right before a thread's own block, by the distance to that.
  std::optional<DataSymbol> thread_local_before_end(std::uint64_t bytes);
  // What the thread-locals of all modules take before a thread's own block, at most; below that glibc leaves
  // room for libraries that are loaded later, and then the stack begins.
  std::uint64_t thread_local_bytes() const { return thread_local_bytes_; }

 private:
  struct Module {
    Dwfl_Module* module = nullptr;
    std::uint64_t start = 0;
    std::uint64_t segment_bytes = 0, segment_alignment = 1;  // of thread-locals
    bool read = false;
    std::vector<DataSymbol> data = {}, thread_locals = {};  // ascending
  };
  static int on_module(Dwfl_Module* module, void** user, const char* name, std::uint64_t start, void* self);
  static void read(Module& module);

  std::vector<Module> modules_;  // ascending
  std::uint64_t thread_local_bytes_ = 0;
};

}  // namespace soakline
