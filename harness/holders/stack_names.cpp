#include "harness/holders/stack_names.hpp"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

namespace soakline {
namespace {

constexpr int most_guesses = 64;

// Of the registers only two are known. Where a frame needs the frame pointer to be unwound, and nobody below
// has saved it, it is looked for: a place on the stack that holds one further up, and then code. The guess
// that leads furthest is right.
std::vector<StackFrame> frames_of(const StackCopy& stack, Symbols& symbols) {
  std::vector<StackFrame> best = symbols.frames(stack);
  const std::uint64_t end = stack.stack_pointer + stack.memory.size();
  int guesses = 0;
  for (std::uint64_t at = stack.stack_pointer; at + 16 <= end && guesses < most_guesses; at += 8) {
    const char* const here = stack.memory.data() + (at - stack.stack_pointer);
    const std::uint64_t saved = word_at(here), code = word_at(here + 8);
    if (saved <= at || saved >= end || dwfl_addrmodule(symbols.session(), code) == nullptr) continue;
    ++guesses;
    StackCopy guessed = stack;
    guessed.frame_pointer = at;
    auto frames = symbols.frames(guessed);
    if (frames.back().stack_pointer > best.back().stack_pointer) best = std::move(frames);
  }
  return best;
}

bool is_by_frame_address(Dwarf_Die* function) {
  Dwarf_Attribute attribute;
  Dwarf_Op* operations = nullptr;
  std::size_t number = 0;
  return dwarf_attr(function, DW_AT_frame_base, &attribute) != nullptr &&
         dwarf_getlocation(&attribute, &operations, &number) == 0 && number == 1 &&
         operations[0].atom == DW_OP_call_frame_cfa;
}

std::uint64_t bytes_of(Dwarf_Die* variable) {
  Dwarf_Attribute attribute;
  Dwarf_Die type;
  Dwarf_Word bytes = sizeof(std::uint64_t);
  if (dwarf_attr_integrate(variable, DW_AT_type, &attribute) != nullptr &&
      dwarf_formref_die(&attribute, &type) != nullptr)
    dwarf_aggregate_size(&type, &bytes);
  return bytes;
}

// Whether the variable lies at `offset` from the frame's address, or reaches there; a part of it, where the
// compiler has taken it apart.
bool lies_at(Dwarf_Die* variable, Dwarf_Addr code, std::int64_t offset) {
  Dwarf_Attribute attribute;
  Dwarf_Op* operations = nullptr;
  std::size_t number = 0;
  if (dwarf_attr_integrate(variable, DW_AT_location, &attribute) == nullptr ||
      dwarf_getlocation_addr(&attribute, code, &operations, &number, 1) != 1)
    return false;
  for (std::size_t i = 0; i < number; ++i) {
    if (operations[i].atom != DW_OP_fbreg) continue;
    const bool is_part = i + 1 < number && operations[i + 1].atom == DW_OP_piece;
    if (!is_part && number > 1) return false;  // it is computed
    const auto begin = static_cast<std::int64_t>(operations[i].number);
    const std::uint64_t bytes = is_part ? operations[i + 1].number : bytes_of(variable);
    if (offset >= begin && offset < begin + static_cast<std::int64_t>(bytes)) return true;
  }
  return false;
}

const char* variable_in(Dwarf_Die* scope, Dwarf_Addr code, std::int64_t offset) {
  Dwarf_Die child;
  if (dwarf_child(scope, &child) != 0) return nullptr;
  do {
    const int tag = dwarf_tag(&child);
    if ((tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) && lies_at(&child, code, offset))
      return dwarf_diename(&child);
  } while (dwarf_siblingof(&child, &child) == 0);
  return nullptr;
}

// Innermost scopes first; those that the call is inlined into are parts of its frame.
std::string local_at(Symbols& symbols, std::uint64_t code, std::int64_t offset) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = dwfl_addrdie(symbols.session(), code, &bias);
  Dwarf_Die *at_code = nullptr, *scopes = nullptr;
  std::string found;
  if (unit != nullptr && dwarf_getscopes(unit, code - bias, &at_code) > 0) {
    const int number = dwarf_getscopes_die(&at_code[0], &scopes);
    int function = 0;
    while (function < number && dwarf_tag(&scopes[function]) != DW_TAG_subprogram) ++function;
    if (function < number && is_by_frame_address(&scopes[function]))
      for (int i = 0; i <= function && found.empty(); ++i)
        if (const char* const name = variable_in(&scopes[i], code - bias, offset)) found = name;
  }
  std::free(scopes);
  std::free(at_code);
  return found;
}

}  // namespace

std::string name_on_stack(const MemoryImage& image, const ThreadState& thread, std::uint64_t end,
                          std::uint64_t address, Symbols& symbols) {
  const std::string_view memory = image.text(thread.stack_pointer).substr(0, end - thread.stack_pointer);
  if (symbols.session() == nullptr || memory.empty()) return {};
  const auto frames = frames_of({thread.code, thread.stack_pointer, 0, memory}, symbols);
  const auto outer = std::find_if(frames.begin(), frames.end(),
                                  [&](const StackFrame& frame) { return frame.stack_pointer > address; });
  if (outer == frames.begin() || outer == frames.end()) return {};
  const std::uint64_t code = outer[-1].code;
  const bool innermost = outer - 1 == frames.begin();
  const auto names = symbols.names(innermost ? code + 1 : code);
  const auto of_program =
      std::find_if(names.begin(), names.end(), [](const CodeName& name) { return !name.of_system; });
  std::string text = (of_program == names.end() ? names.back() : *of_program).text;
  const std::string local = local_at(symbols, innermost ? code : code - 1,
                                     static_cast<std::int64_t>(address - outer->stack_pointer));
  return local.empty() ? text : text + ", local " + local;
}

}  // namespace soakline
