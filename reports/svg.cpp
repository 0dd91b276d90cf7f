#include "reports/svg.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>

#include "reports/escape.hpp"

namespace soakline {
namespace {

// "rgb(  1,   1,  12)" at the front of the text: its three numbers and how long it is.
struct Rgb {
  std::array<int, 3> parts{};
  std::size_t length = 0;
};

std::optional<Rgb> read_rgb(std::string_view text) {
  if (!text.starts_with("rgb(")) return std::nullopt;
  Rgb rgb;
  std::size_t at = 4;
  for (std::size_t i = 0; i < rgb.parts.size(); ++i) {
    while (at < text.size() && (text[at] == ' ' || text[at] == ',')) ++at;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), rgb.parts[i]);
    if (error != std::errc()) return std::nullopt;
    at = static_cast<std::size_t>(end - text.data());
  }
  if (at >= text.size() || text[at] != ')') return std::nullopt;
  rgb.length = at + 1;
  return rgb;
}

std::string with_inks(std::string_view svg) {
  std::string out;
  while (!svg.empty()) {
    const std::size_t found = svg.find("rgb(");
    out += svg.substr(0, found);
    if (found == std::string_view::npos) break;
    svg.remove_prefix(found);
    const auto rgb = read_rgb(svg);
    if (rgb && rgb->parts[0] == 1 && rgb->parts[1] == 1) {
      out += fmt::format("var(--ink-{})", rgb->parts[2]);
      svg.remove_prefix(rgb->length);
    } else {
      out += svg.substr(0, 4);
      svg.remove_prefix(4);
    }
  }
  return out;
}

void remove_all(std::string& text, std::string_view begin, std::string_view end) {
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    const std::size_t last = text.find(end, at + begin.size());
    if (last == std::string::npos) return;
    text.erase(at, last + end.size() - at);
  }
}

// "<g fill=...>\n</g>\n": gnuplot opens a group for each pen and draws nothing in most of them.
void remove_empty_groups(std::string& text) {
  for (std::size_t at = 0; (at = text.find("<g ", at)) != std::string::npos;) {
    const std::size_t close = text.find('>', at);
    const std::size_t next = close == std::string::npos ? close : text.find_first_not_of(" \t\n", close + 1);
    if (next == std::string::npos || text.compare(next, 4, "</g>") != 0) {
      at += 3;
      continue;
    }
    text.erase(at, next + 4 - at);
    at = 0 < at ? at - 1 : 0;
  }
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

}  // namespace

std::string ink_colour(int ink) {
  return fmt::format("#0101{:02x}", ink);
}

std::optional<std::string> inline_svg(std::string_view drawn, const SvgText& text) {
  const std::size_t box = drawn.find("viewBox=\""), defs = drawn.find("</defs>"), end = drawn.rfind("</svg>");
  if (box == std::string_view::npos || defs == std::string_view::npos || end == std::string_view::npos ||
      end < defs)
    return std::nullopt;
  const std::string_view view = drawn.substr(box, drawn.find('"', box + 9) + 1 - box);
  // What comes before are markers nobody uses, under ids that every plot on the page would share.
  std::string body = with_inks(drawn.substr(defs + 7, end - defs - 7));
  remove_all(body, "<title>", "</title>");
  remove_all(body, " id=\"", "\"");
  remove_all(body, " font-family=\"", "\"");
  remove_all(body, " shape-rendering='", "'");
  remove_all(body, " stroke-linecap=\"", "\"");
  remove_all(body, " stroke-linejoin=\"", "\"");
  remove_empty_groups(body);
  return fmt::format(
      "<svg class=\"{}\" {} role=\"img\" aria-labelledby=\"{}-title {}-text\">"
      "<title id=\"{}-title\">{}</title><desc id=\"{}-text\">{}</desc><g>{}</svg>",
      text.classes, view, text.id, text.id, text.id, markup(text.title), text.id, markup(text.description),
      squeezed(body));
}

}  // namespace soakline
