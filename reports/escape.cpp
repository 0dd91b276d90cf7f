#include "reports/escape.hpp"

#include <fmt/format.h>

#include <cctype>

namespace soakline {
namespace {

constexpr char32_t broken = 0xFFFFFFFF;

struct Decoded {
  char32_t code;
  std::size_t length;
};

// The first character of a text that is not empty; `broken` and one byte where it is not UTF-8.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {broken, 1};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {broken, 1};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < least[length] || code > 0x10FFFF || surrogate) return {broken, 1};
  return {code, length};
}

// Terminals obey control characters, and text that turns its direction lies about what stands where.
bool shows_itself(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
                         code == 0x200E || code == 0x200F || code == 0x061C;
  const bool no_character = (code & 0xFFFEU) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
  return !separator && !direction && !no_character && code != 0xFEFF;
}

std::string spelled_out(const Decoded& character, unsigned char first_byte) {
  switch (character.code) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case broken:
      return fmt::format("\\x{:02x}", first_byte);
    default:
      break;
  }
  return character.code < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(character.code))
                                : fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
}

// What HTML, XML and Markdown all take for markup.
std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

template <class Replace>
std::string replaced(std::string_view text, std::size_t most, Replace replacement) {
  std::string out;
  for (const char c : printable(text, most)) {
    const std::string_view with = replacement(c);
    if (with.empty())
      out += c;
    else
      out += with;
  }
  return out;
}

bool begins_path(std::string_view text, std::size_t at) {
  if (text[at] != '/' || at + 1 >= text.size()) return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  if (!std::isalnum(next) && next != '_' && next != '.' && next != '-') return false;
  return at == 0 || std::string_view(" \t\n\"'`=,:;([{@|").find(text[at - 1]) != std::string_view::npos;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return out + "…";
    const Decoded character = decode(text);
    if (character.code != broken && shows_itself(character.code))
      out += text.substr(0, character.length);
    else
      out += spelled_out(character, static_cast<unsigned char>(text[0]));
    text.remove_prefix(character.length);
  }
  return out;
}

std::string markup(std::string_view text, std::size_t most) {
  return replaced(text, most, [](char c) -> std::string_view {
    switch (c) {
      case '"':
        return "&quot;";
      case '\'':
        return "&#39;";
      default:
        return entity(c);
    }
  });
}

std::string markdown_text(std::string_view text, std::size_t most) {
  return replaced(text, most, [](char c) -> std::string_view {
    switch (c) {
      case '|':
        return "\\|";
      case '\\':
        return "\\\\";
      case '`':
        return "\\`";
      case '*':
        return "\\*";
      case '_':
        return "\\_";
      case '[':
        return "\\[";
      case ']':
        return "\\]";
      case '#':
        return "\\#";
      case '~':
        return "\\~";
      case '@':
        return "&#64;";  // else it notifies whoever bears that name
      default:
        return entity(c);
    }
  });
}

std::string label_text(std::string_view text, std::size_t most) {
  return replaced(text, most, [](char c) -> std::string_view {
    if (c == '\\') return "\\\\";
    if (c == '"') return "\\\"";
    return {};
  });
}

std::string without_directories(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (!begins_path(text, i)) {
      out += text[i++];
      continue;
    }
    const std::size_t end = std::min(text.size(), text.find_first_of(" \t\n\"'`,;)]}<>|:", i));
    const std::string_view path = text.substr(i, end - i);
    const std::size_t last = path.find_last_of('/');
    out += last == 0 ? path : path.substr(last + 1);  // "/s" is a unit as likely as a path
    i = end;
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80 && ++count == columns) break;
  return std::string(text.substr(0, end)) + "…";
}

namespace {
// Of one line, without its end.
std::string folded_line(std::string_view line, std::size_t columns) {
  constexpr std::string_view indent = "               ";  // where what a label says begins
  std::string text;
  std::size_t column = 0, space = std::string::npos;  // where the line in `text` may be broken
  bool just_broken = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      const std::size_t end = std::min(line.find('m', i), line.size() - 1);
      text += line.substr(i, end - i + 1);
      i = end;
      continue;
    }
    if (line[i] == ' ' && just_broken) continue;
    just_broken = false;
    text += line[i];
    column += columns_of(line.substr(i, 1));
    if (line[i] == ' ' && column > indent.size()) space = text.size() - 1;
    if (column <= columns || space == std::string::npos) continue;
    const std::size_t last = text.find_last_not_of(' ', space) + 1;
    text.replace(last, space + 1 - last, "\n" + std::string(indent));
    column = indent.size() + columns_of(std::string_view(text).substr(last + 1 + indent.size()));
    space = std::string::npos;
    just_broken = column == indent.size();
  }
  return text;
}
}  // namespace

std::string folded(std::string_view text, std::size_t columns) {
  std::string result;
  while (!text.empty()) {
    const auto end = text.find('\n');
    result += folded_line(text.substr(0, end), columns);
    if (end == std::string_view::npos) break;
    result += '\n';
    text.remove_prefix(end + 1);
  }
  return result;
}

}  // namespace soakline
