#include "harness/symbols.hpp"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace soakline {
namespace {

constexpr std::size_t most_frames = 24;
#ifdef __aarch64__
constexpr int frame_pointer_register = 29, stack_pointer_register = 31;  // as DWARF numbers them
#else
constexpr int frame_pointer_register = 6, stack_pointer_register = 7;
#endif

// A line of source.
struct Place {
  const char* file = nullptr;
  int line = 0;

  bool of_system() const { return file != nullptr && std::string_view(file).starts_with("/usr/"); }
  CodeName name(const char* function) const {
    const std::string full = full_name(function);
    CodeName result{short_name(full), of_system(), full};
    if (file != nullptr)
      result.text += fmt::format("  {}:{}", std::filesystem::path(file).filename().string(), line);
    return result;
  }
};

// The function that a scope is of; null for blocks and the like.
const char* function_of(Dwarf_Die* scope) {
  const int tag = dwarf_tag(scope);
  if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine) return nullptr;
  Dwarf_Attribute attribute;
  for (const unsigned name : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name})
    if (const char* linkage = dwarf_formstring(dwarf_attr_integrate(scope, name, &attribute))) return linkage;
  return dwarf_diename(scope);
}

// Its name in full. Functions of types that only one file knows have no linkage name: theirs is put together
// from the types and namespaces that it is declared in.
std::string full_name_of(Dwarf_Die* scope, const char* function) {
  if (std::string_view(function).starts_with("_Z")) return full_name(function);
  Dwarf_Attribute attribute;
  Dwarf_Die declared = *scope, next;
  for (const unsigned name : {DW_AT_abstract_origin, DW_AT_specification})
    if (dwarf_attr(&declared, name, &attribute) != nullptr && dwarf_formref_die(&attribute, &next) != nullptr)
      declared = next;
  Dwarf_Die* scopes = nullptr;
  const int number = dwarf_getscopes_die(&declared, &scopes);
  std::string name = function;
  for (int i = 1; i < number; ++i) {
    const int tag = dwarf_tag(&scopes[i]);
    const char* const part = dwarf_diename(&scopes[i]);
    const bool is_named = tag == DW_TAG_namespace || tag == DW_TAG_class_type || tag == DW_TAG_structure_type;
    if (is_named && part != nullptr) name = std::string(part) + "::" + name;
  }
  std::free(scopes);
  return name;
}

// Where a function was called that was inlined there.
Place call_place(Dwarf_Die* unit, Dwarf_Die* scope) {
  Dwarf_Attribute attribute;
  Dwarf_Word file = 0, line = 0;
  Dwarf_Files* files = nullptr;
  std::size_t number = 0;
  if (dwarf_formudata(dwarf_attr(scope, DW_AT_call_file, &attribute), &file) != 0 ||
      dwarf_formudata(dwarf_attr(scope, DW_AT_call_line, &attribute), &line) != 0 ||
      dwarf_getsrcfiles(unit, &files, &number) != 0)
    return {};
  return {dwarf_filesrc(files, file, nullptr, nullptr), static_cast<int>(line)};
}

}  // namespace

struct Symbols::Session {
  explicit Session(int target) : pid(target), dwfl(dwfl_begin(&callbacks)) {
    if (dwfl == nullptr) return;
    dwfl_report_begin(dwfl);
    if (dwfl_linux_proc_report(dwfl, pid) != 0 || dwfl_report_end(dwfl, nullptr, nullptr) != 0) {
      dwfl_end(dwfl);
      dwfl = nullptr;
      return;
    }
    dwfl_attach_state(dwfl, nullptr, pid, &thread_callbacks, this);
  }
  ~Session() {
    if (dwfl != nullptr) dwfl_end(dwfl);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  static bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* result, void* argument) {
    const StackCopy& stack = *static_cast<Session*>(argument)->stack;
    const std::uint64_t offset = address - stack.stack_pointer;
    if (address < stack.stack_pointer || stack.memory.size() < sizeof *result ||
        offset > stack.memory.size() - sizeof *result)
      return false;
    std::memcpy(result, stack.memory.data() + offset, sizeof *result);
    return true;
  }
  static pid_t next_thread(Dwfl*, void* argument, void** thread_argument) {
    if (*thread_argument != nullptr) return 0;
    *thread_argument = argument;
    return static_cast<Session*>(argument)->pid;
  }
  static bool get_thread(Dwfl*, pid_t, void* argument, void** thread_argument) {
    *thread_argument = argument;
    return true;
  }
  static bool set_registers(Dwfl_Thread* thread, void* argument) {
    const StackCopy& stack = *static_cast<Session*>(argument)->stack;
    const Dwarf_Word sp = stack.stack_pointer, fp = stack.frame_pointer;
    dwfl_thread_state_register_pc(thread, stack.code);
    return dwfl_thread_state_registers(thread, stack_pointer_register, 1, &sp) &&
           dwfl_thread_state_registers(thread, frame_pointer_register, 1, &fp);
  }
  static int on_frame(Dwfl_Frame* frame, void* argument) {
    auto& found = *static_cast<std::vector<StackFrame>*>(argument);
    Dwarf_Addr code = 0;
    Dwarf_Word sp = 0;
    if (!dwfl_frame_pc(frame, &code, nullptr)) return DWARF_CB_ABORT;
    dwfl_frame_reg(frame, stack_pointer_register, &sp);
    found.push_back({code, sp});
    return found.size() < most_frames ? DWARF_CB_OK : DWARF_CB_ABORT;
  }

  static inline char* debug_path = nullptr;
  static constexpr Dwfl_Callbacks callbacks = {dwfl_linux_proc_find_elf, dwfl_standard_find_debuginfo,
                                               nullptr, &debug_path};
  static constexpr Dwfl_Thread_Callbacks thread_callbacks = {next_thread,   get_thread, read_memory,
                                                             set_registers, nullptr,    nullptr};
  int pid;
  Dwfl* dwfl;
  const StackCopy* stack = nullptr;  // the one that is unwound
};

Symbols::Symbols(int pid) : session_(std::make_unique<Session>(pid)) {}
Symbols::~Symbols() = default;

Dwfl* Symbols::session() const {
  return session_->dwfl;
}

std::vector<StackFrame> Symbols::frames(const StackCopy& stack) {
  std::vector<StackFrame> found;
  if (session_->dwfl != nullptr) {
    session_->stack = &stack;
    dwfl_getthread_frames(session_->dwfl, session_->pid, Session::on_frame, &found);
  }
  if (found.empty()) found.push_back({stack.code, stack.stack_pointer});
  return found;
}

std::vector<std::uint64_t> Symbols::unwind(const StackCopy& stack) {
  std::vector<std::uint64_t> found;
  for (const StackFrame& frame : frames(stack)) found.push_back(frame.code);
  return found;
}

bool Symbols::is_code(std::uint64_t address) const {
  Dwfl_Module* const module = session_->dwfl != nullptr ? dwfl_addrmodule(session_->dwfl, address) : nullptr;
  Dwarf_Addr bias = 0;
  GElf_Shdr header;
  Elf_Scn* const section = module != nullptr ? dwfl_module_address_section(module, &address, &bias) : nullptr;
  return section != nullptr && gelf_getshdr(section, &header) != nullptr &&
         (header.sh_flags & SHF_EXECINSTR) != 0;
}

std::vector<CodeName> Symbols::names(std::uint64_t return_address) {
  const Dwarf_Addr code = return_address - 1;  // in the call, not after it
  Dwfl_Module* const module = session_->dwfl != nullptr ? dwfl_addrmodule(session_->dwfl, code) : nullptr;
  if (module == nullptr) return {{fmt::format("{:#x}", return_address)}};
  Place place;
  if (Dwfl_Line* const line = dwfl_module_getsrc(module, code))
    place.file = dwfl_lineinfo(line, nullptr, &place.line, nullptr, nullptr, nullptr);
  std::vector<CodeName> names;
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = dwfl_module_addrdie(module, code, &bias);
  Dwarf_Die *at_code = nullptr, *scopes = nullptr;
  if (unit != nullptr && dwarf_getscopes(unit, code - bias, &at_code) > 0) {
    // Of the innermost scope by itself: all that it was inlined into.
    const int number = dwarf_getscopes_die(&at_code[0], &scopes);
    for (int i = 0; i < number; ++i) {
      const char* const function = function_of(&scopes[i]);
      if (function == nullptr) continue;
      names.push_back(place.name(function));
      names.back().full = full_name_of(&scopes[i], function);
      if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram) break;
      place = call_place(unit, &scopes[i]);
    }
  }
  std::free(scopes);
  std::free(at_code);
  Dwarf_Addr start = 0;
  const std::string library = std::filesystem::path(dwfl_module_info(module, nullptr, &start, nullptr,
                                                                     nullptr, nullptr, nullptr, nullptr))
                                  .filename();
  if (names.empty()) {
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* const function =
        dwfl_module_addrinfo(module, code, &offset, &symbol, nullptr, nullptr, nullptr);
    names.push_back(function != nullptr ? place.name(function)
                                        : CodeName{fmt::format("{}+{:#x}", library, code - start)});
  }
  for (CodeName& name : names)
    name.of_system = name.of_system || is_of_system(library) || name.text == "_start";
  return names;
}

bool is_of_system(std::string_view library) {
  for (const std::string_view name : {"libc.so", "libstdc++", "ld-linux", "libsoakline_agent"})
    if (library.starts_with(name)) return true;
  return false;
}

std::string full_name(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), std::free);
  return status == 0 && text ? text.get() : mangled;
}

std::vector<CodeName> Symbols::told(const std::vector<std::uint64_t>& addresses) {
  std::vector<CodeName> frames;
  for (const std::uint64_t address : addresses)
    for (CodeName& name : names(address)) {
      if (!frames.empty() && frames.back().of_system && name.of_system) frames.pop_back();
      frames.push_back(std::move(name));
    }
  return frames;
}

std::vector<std::string> program_part(std::vector<CodeName> told) {
  const auto is_program = [](const CodeName& name) { return !name.of_system; };
  const auto first = std::find_if(told.begin(), told.end(), is_program);
  const auto last = std::find_if(told.rbegin(), told.rend(), is_program).base();
  std::vector<std::string> texts;
  for (auto name = first == told.end() ? told.begin() : first;
       name != (first == told.end() ? told.end() : last); ++name)
    texts.push_back(std::move(name->text));
  return texts;
}

// Brackets of an operator are part of its name.
std::string short_name(const std::string& demangled) {
  std::string name;
  int angles = 0, parentheses = 0;
  for (std::size_t i = 0; i < demangled.size(); ++i) {
    if (angles == 0 && parentheses == 0 && name.ends_with("operator")) {
      const std::size_t end =
          demangled.compare(i, 2, "()") == 0 ? i + 2 : demangled.find_first_not_of("<>=-*", i);
      name += demangled.substr(i, end - i);
      i = end;
      if (i >= demangled.size()) break;
    }
    if (demangled.compare(i, 21, "(anonymous namespace)") == 0) {
      i += angles + parentheses > 0 ? 20 : 22;  // with the colons that follow
      continue;
    }
    const char c = demangled[i];
    if (c == '<' || c == '(') (c == '<' ? angles : parentheses)++;
    if (angles == 0 && parentheses == 0) name += c;
    if (c == '>' || c == ')') (c == '>' ? angles : parentheses)--;
  }
  for (const std::string_view qualifier : {" const", " volatile", " &", " &&", " [clone"})
    if (const auto at = name.find(qualifier); at != std::string::npos && at > 0) name.resize(at);
  // A template's instance is named with what it returns: the last word outside all brackets is the function.
  const auto is_conversion = name.find("operator ");
  const auto space = name.rfind(' ', is_conversion);
  return space == std::string::npos ? name : name.substr(space + 1);
}

}  // namespace soakline
