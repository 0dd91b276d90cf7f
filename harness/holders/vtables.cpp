#include "harness/holders/vtables.hpp"

#include <algorithm>
#include <string_view>

#include "harness/holders/type_names.hpp"

namespace soakline {
namespace {

constexpr std::string_view vtable_prefix = "_ZTV";
// Of std::type_info's descendants, which describe classes; the library that has them exports it.
constexpr std::string_view description_prefix = "_ZTVN10__cxxabiv1";
constexpr std::uint64_t word_bytes = 8;
constexpr std::size_t longest_mangled = 1024;

std::string type_of(const std::string& vtable_symbol) {
  const std::string name = full_name(vtable_symbol.c_str());
  return tidy_type(name.substr(std::min(name.size(), std::string_view("vtable for ").size())));
}

}  // namespace

Vtables::Vtables(int pid, DataSymbols& data) : data_(data) {
  MappingList mappings;
  mappings.read(pid);
  mappings.for_each([&](const Mapping& mapping) {
    if (mapping.inode != 0 && mapping.readable && !mapping.shared)
      of_files_.push_back({mapping.start, mapping.end});
  });
  memory_.open(pid);
}

bool Vtables::is_in_file(std::uint64_t address) const {
  const auto after = std::upper_bound(of_files_.begin(), of_files_.end(), address,
                                      [](std::uint64_t at, const Range& range) { return at < range.start; });
  return after != of_files_.begin() && address < after[-1].end;
}

const Vtable* Vtables::at(std::uint64_t first_word) {
  if (first_word % word_bytes != 0 || !is_in_file(first_word)) return nullptr;
  const auto [known, is_new] = known_.try_emplace(first_word);
  if (is_new) known->second = by_symbol(first_word);
  if (is_new && !known->second) known->second = by_description(first_word);
  return known->second ? &*known->second : nullptr;
}

std::optional<Vtable> Vtables::by_symbol(std::uint64_t address) {
  const auto symbol = data_.at(address);
  if (!symbol || !std::string_view(symbol->name).starts_with(vtable_prefix)) return std::nullopt;
  return Vtable{symbol->start, symbol->end, type_of(symbol->name)};
}

// Before the first function of a vtable lies a pointer to the type's description, which begins with a vtable
// of its own and has a pointer to the mangled name behind that.
std::optional<Vtable> Vtables::by_description(std::uint64_t address) {
  const auto word = [&](std::uint64_t at) -> std::uint64_t {
    memory_.set_end(at + word_bytes);
    return is_in_file(at) ? memory_.word(at).value_or(0) : 0;
  };
  const std::uint64_t description = word(address - word_bytes);
  const auto symbol = data_.at(word(description));
  if (!symbol || !std::string_view(symbol->name).starts_with(description_prefix)) return std::nullopt;
  const std::uint64_t name = word(description + word_bytes);
  if (!is_in_file(name)) return std::nullopt;
  memory_.set_end(name + longest_mangled);
  std::string_view mangled = memory_.text(name);
  mangled = mangled.substr(0, mangled.find('\0'));
  if (mangled.starts_with('*')) mangled.remove_prefix(1);  // of one translation unit alone
  if (mangled.empty()) return std::nullopt;
  return Vtable{address - 2 * word_bytes, address + word_bytes,
                type_of(std::string(vtable_prefix).append(mangled))};
}

}  // namespace soakline
