// Names for code of another process, with the calls that were inlined, and its stacks unwound from copies of
// them: by its symbols and debug information (elfutils libdwfl). Nothing of it is stopped.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace soakline {

// A copy of the top of a stack, and the registers there.
struct StackCopy {
  std::uint64_t code = 0, stack_pointer = 0, frame_pointer = 0;
  std::span<const char> memory;  // from the stack pointer up
};

struct CodeName {
  std::string text;        // "function  file.cpp:41"
  bool of_system = false;  // of the language's libraries and the system's headers, not of the program
};

class Symbols {
 public:
  explicit Symbols(int pid);
  ~Symbols();
  Symbols(const Symbols&) = delete;
  Symbols& operator=(const Symbols&) = delete;

  // Where the stack returns to, innermost first, as far as the copy goes.
  std::vector<std::uint64_t> unwind(const StackCopy& stack);
  // What a call that returns there was in, calls inlined into others first. Without any symbols the library
  // and the place in it.
  std::vector<CodeName> names(std::uint64_t return_address);

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

// A C++ function as people speak of it: without arguments, template parameters and return type.
std::string short_name(const std::string& demangled);

}  // namespace soakline
