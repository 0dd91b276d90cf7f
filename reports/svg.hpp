// gnuplot's SVG made fit to stand in a page: no prologue, no ids that collide, colours that follow the
// page's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace soakline {

// In the script a colour rgb(1, 1, n) stands for the page's CSS variable "--ink-n".
std::string ink_colour(int ink);

struct SvgText {
  std::string id;  // prefix of the ids in the result
  std::string classes;
  std::string title;
  std::string description;
};

// `drawn` is one document as gnuplot's svg terminal writes it; nothing where it is not.
std::optional<std::string> inline_svg(std::string_view drawn, const SvgText& text);

}  // namespace soakline
