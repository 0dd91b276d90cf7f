#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>

#include "harness/inventory/inventory.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

constexpr std::size_t longest_name = 300;

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view spaces = " \t\r|";
  std::vector<std::string_view> words;
  while (true) {
    const auto start = line.find_first_not_of(spaces);
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    const std::string_view word = line.substr(0, line.find_first_of(spaces));
    words.push_back(word);
    line.remove_prefix(word.size());
  }
}

// As JSON and tables have them: `"old_space": 12345,` is a name and a number.
std::string_view bare(std::string_view word) {
  constexpr std::string_view marks = "\",:=";
  const auto first = word.find_first_not_of(marks);
  if (first == std::string_view::npos) return {};
  return word.substr(first, word.find_last_not_of(marks) - first + 1);
}

std::optional<double> bytes_with_unit(const std::string& text) {
  try {
    return parse_bytes(text);
  } catch (const QuantityError&) {
    return std::nullopt;
  }
}

// "1680000", "1,680,000", "12.5MB"; nothing for a name, though it may begin with a digit.
std::optional<double> number_in(std::string_view word) {
  word = bare(word);
  if (word.empty() || !is_digit(word.front()) || word.size() > 40) return std::nullopt;
  std::string plain(word);
  std::erase_if(plain, [](char c) { return c == ',' || c == '_'; });
  return bytes_with_unit(plain);
}

// "B", "MB", "KiB": belongs to the number before it.
bool is_unit(std::string_view word) {
  constexpr std::array units = {"B", "kB", "KB", "MB", "GB", "KiB", "MiB", "GiB"};
  return std::find(units.begin(), units.end(), bare(word)) != units.end();
}

constexpr std::string_view codes = "BCDFIJSZ";
std::string_view primitive(char code) {
  constexpr std::array<std::string_view, codes.size()> names = {"byte", "char", "double", "float",
                                                                "int",  "long", "short",  "boolean"};
  const auto at = codes.find(code);
  return at == std::string_view::npos ? "" : names.at(at);
}

// "[B" is byte[], "[Lcom.example.Session;" an array of them; anything else stays what it is.
std::string as_java_writes_it(const std::string& name) {
  const auto depth = name.find_first_not_of('[');
  if (depth == 0 || depth == std::string::npos) return name;
  std::string element;
  if (name[depth] == 'L' && name.ends_with(';'))
    element = name.substr(depth + 1, name.size() - depth - 2);
  else if (depth + 1 == name.size())
    element = primitive(name[depth]);
  if (element.empty()) return name;
  for (std::size_t i = 0; i < depth; ++i) element += "[]";
  return element;
}

// The JVM puts a class's module behind it: "java.lang.String (java.base@17.0.15)".
std::string without_module(std::string name) {
  const auto open = name.rfind(" (");
  if (open != std::string::npos && name.ends_with(')') && name.find('@', open) != std::string::npos)
    name.resize(open);
  return name;
}

bool is_javas_own(const std::string& name) {
  constexpr std::array packages = {"java.", "javax.", "jdk.", "sun.", "com.sun."};
  const std::string_view element = std::string_view(name).substr(0, name.find('['));
  const bool primitives = name.ends_with("[]") && std::any_of(codes.begin(), codes.end(), [&](char code) {
                            return element == primitive(code);
                          });
  return primitives || std::any_of(packages.begin(), packages.end(),
                                   [&](const char* package) { return name.starts_with(package); });
}

bool is_a_sum(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name == "total" || name == "sum";
}

void add_line(Inventory& inventory, std::string_view line) {
  std::string name;
  std::vector<double> numbers;
  const auto words = words_of(line);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = number_in(words[i]);
    if (number && i + 1 < words.size() && is_unit(words[i + 1])) {
      numbers.push_back(*number * *bytes_with_unit("1 " + std::string(bare(words[i + 1]))));
      ++i;
    } else if (number) {
      numbers.push_back(*number);
    } else if (const std::string_view word = bare(words[i]); !word.empty()) {
      name.append(name.empty() ? "" : " ").append(word);
    }
  }
  if (name.empty() || numbers.empty() || is_a_sum(name)) return;
  Held held{0, numbers.back()};
  if (numbers.size() > 1) {
    const auto [less, more] = std::minmax(numbers[numbers.size() - 2], numbers.back());
    held = {less, more};
  }
  name = as_java_writes_it(without_module(name));
  held.of_runtime = is_javas_own(name);
  inventory.add(name.substr(0, longest_name), held);
}

}  // namespace

Inventory inventory_of_lines(std::string_view text) {
  Inventory inventory{"line", {}};
  while (!text.empty()) {
    const auto end = text.find('\n');
    add_line(inventory, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return inventory;
}

}  // namespace soakline
