#include "harness/holders/type_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/holders/constructed_type.hpp"

namespace soakline {
namespace {

constexpr std::size_t longest_name = 72;
constexpr std::uint64_t no_address = std::uint64_t{1} << 62;

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

// Behind the bracket that is closed there, or the text's end.
std::size_t behind_brackets(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>' && (i == 0 || text[i - 1] != '-') && --depth == 0) return i + 1;
  }
  return text.size();
}

// ", std::allocator<...>"
void drop_argument(std::string& name, const std::string& type) {
  const std::string begin = ", " + type + "<";
  for (auto at = name.find(begin); at != std::string::npos; at = name.find(begin, at))
    name.erase(at, behind_brackets(name, at + begin.size() - 1) - at);
}

// Without what stands in more than so many brackets.
std::string up_to_depth(std::string_view name, int most) {
  std::string told;
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<' && ++depth == most + 1) told += "<...>";
    if (depth <= most) told += name[i];
    if (name[i] == '>' && i > 0 && name[i - 1] != '-') --depth;
  }
  return told;
}

// What stands between a template's opening bracket and the first comma or its end.
std::string first_argument(std::string_view name, std::size_t from) {
  std::size_t end = from;
  for (int depth = 0; end < name.size() && (depth > 0 || (name[end] != ',' && name[end] != '>')); ++end)
    depth += name[end] == '<' ? 1 : name[end] == '>' ? -1 : 0;
  const std::string_view argument = name.substr(from, end - from);
  return std::string(argument.substr(0, argument.find_last_not_of(' ') + 1));
}

// The template's first argument in a name like "std::__new_allocator<T>::allocate(unsigned long, ...)".
std::string allocated_type(const std::string& function) {
  for (const std::string_view allocator :
       {"std::__new_allocator<", "__gnu_cxx::new_allocator<", "std::allocator<"}) {
    const auto at = function.find(allocator);
    if (at == std::string::npos) continue;
    if (function.compare(behind_brackets(function, at + allocator.size() - 1), 10, "::allocate") == 0)
      return first_argument(function, at + allocator.size());
  }
  return {};
}

// "std::make_unique<T, ...>(...)"
std::string made_type(const std::string& function) {
  constexpr std::string_view maker = "std::make_unique<";
  const auto at = function.find(maker);
  return at == std::string::npos ? "" : first_argument(function, at + maker.size());
}

// How many of a type a container keeps in one block.
std::string_view many_of(const std::vector<CodeName>& frames) {
  constexpr std::array several = {std::string_view("std::_Vector_base<"),
                                  std::string_view("std::_Deque_base<"),
                                  std::string_view("_M_allocate_buckets")};
  for (const CodeName& frame : frames)
    for (const std::string_view part : several)
      if (frame.full.find(part) != std::string::npos) return "[]";
  return "";
}

// make_shared puts counters before the object, and a thread what it runs into a block of the library's.
std::string object_in(const std::string& type) {
  struct Wrapper {
    std::string_view begin, said;
  };
  for (const auto& [begin, said] :
       {Wrapper{"std::_Sp_counted_ptr_inplace<", " (shared)"},
        Wrapper{"std::thread::_State_impl<std::thread::_Invoker<std::tuple<", " (thread)"}}) {
    if (type.starts_with(begin)) return first_argument(type, begin.size()) + std::string(said);
  }
  return type;
}

}  // namespace

std::string tidy_name(std::string name) {
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "std::__cxx11::", "std::");
  replace_all(name, "std::__detail::", "std::");
  replace_all(name, "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  for (const char* const type :
       {"std::allocator", "std::less", "std::hash", "std::equal_to", "std::default_delete"})
    drop_argument(name, type);
  replace_all(name, " >", ">");
  for (int depth = 4; depth >= 0; --depth)
    if (std::string shorter = up_to_depth(name, depth); shorter.size() <= longest_name || depth == 0)
      return shorter;
  return name;
}

std::string tidy_type(const std::string& type) {
  return tidy_name(object_in(type));
}

std::uint64_t TypeNames::kind(const HeldBlock& block) {
  const Vtable* const found = vtable(block);
  if (found == nullptr) return block.size | no_address;
  return first_of_type_.try_emplace(found->type, found->start).first->second;
}

std::string TypeNames::name(const HeldBlock& block, std::uint64_t caller) {
  if (const Vtable* const found = vtable(block)) return found->type;
  auto [known, is_new] = by_caller_.try_emplace(caller);
  if (is_new && caller != 0) known->second = by_place(caller, block.size);
  if (!known->second.empty()) return known->second;
  return block.is_chunk() ? fmt::format("{} B chunk", block.chunk_bytes())
                          : fmt::format("{} B block", block.size);
}

const Vtable* TypeNames::vtable(const HeldBlock& block) {
  return block.size < sizeof(std::uint64_t) ? nullptr : vtables_.at(image_.word(block.address).value_or(0));
}

std::string TypeNames::by_place(std::uint64_t caller, std::uint64_t bytes) {
  std::string place;
  // Optimized code may not tell what the call is in, but what follows it.
  for (const std::uint64_t code : {caller, caller + 1}) {
    const auto frames = code_.names(code);
    for (const CodeName& frame : frames)
      if (const std::string type = allocated_type(frame.full); !type.empty())
        return tidy_type(type) + std::string(many_of(frames));
    for (const CodeName& frame : frames)
      if (const std::string type = made_type(frame.full); !type.empty()) return tidy_name(type);
    if (const std::string type = constructed_type(code_, caller, bytes); !type.empty())
      return tidy_name(type);
    const auto of_program =
        std::find_if(frames.begin(), frames.end(), [](const CodeName& frame) { return !frame.of_system; });
    if (of_program != frames.end()) return of_program->text;
    if (place.empty()) place = frames.back().text;
  }
  return place;
}

}  // namespace soakline
