// Names for code of another process, with the calls that were inlined, and its stacks unwound from copies of
// them: by its symbols and debug information (elfutils libdwfl). Nothing of it is stopped.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct Dwfl;

namespace soakline {

// A copy of the top of a stack, and the registers there.
struct StackCopy {
  std::uint64_t code = 0, stack_pointer = 0, frame_pointer = 0;
  std::span<const char> memory;  // from the stack pointer up
};

struct CodeName {
  std::string text;        // "function  file.cpp:41"
  bool of_system = false;  // of the language's libraries and the system's headers, not of the program
  std::string full = {};   // the function with its arguments and template parameters
};

// A call on a stack: the code that it goes on at, and where the stack stood there.
struct StackFrame {
  std::uint64_t code = 0, stack_pointer = 0;
};

class Symbols {
 public:
  explicit Symbols(int pid);
  ~Symbols();
  Symbols(const Symbols&) = delete;
  Symbols& operator=(const Symbols&) = delete;

  // Where the stack returns to, innermost first, as far as the copy goes.
  std::vector<std::uint64_t> unwind(const StackCopy& stack);
  std::vector<StackFrame> frames(const StackCopy& stack);
  bool is_code(std::uint64_t address) const;
  // What a call that returns there was in, calls inlined into others first. Without any symbols the library
  // and the place in it.
  std::vector<CodeName> names(std::uint64_t return_address);
  // All calls of a stack, inlined ones included. Of the system's code between two calls of the program, or
  // before and after all of them, only the outermost says anything.
  std::vector<CodeName> told(const std::vector<std::uint64_t>& addresses);
  // The session with its modules; null where there is none.
  Dwfl* session() const;

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

// The stack from the program's innermost call to its outermost; as it is where no call is the program's.
std::vector<std::string> program_part(std::vector<CodeName> told);

// A C++ function as people speak of it: without arguments, template parameters and return type.
std::string short_name(const std::string& demangled);
// With everything; what is no C++ name stays as it is.
std::string full_name(const char* mangled);
// Whether a library, by its file's name, is the language's or the system's.
bool is_of_system(std::string_view library);

}  // namespace soakline
