// Foreign text made safe for where it is shown: terminals, HTML and XML, Markdown, metric labels.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace soakline {

// Printable UTF-8 only: control and direction-changing characters become "\x1b" or "\u202e", broken bytes
// "\xff". What is longer than `most` characters ends in "…".
std::string printable(std::string_view text, std::size_t most = 2000);

// Markup for HTML and XML 1.0 alike, in text and in quoted attributes.
std::string markup(std::string_view text, std::size_t most = 2000);

// One line of GitHub-flavoured Markdown that no table, link, emphasis or tag can come out of.
std::string markdown_text(std::string_view text, std::size_t most = 500);

// The inside of a quoted OpenMetrics label.
std::string label_text(std::string_view text, std::size_t most = 500);

// Absolute paths lose their directories, so that a page can be shown to others: "unix:/tmp/x/r.sock" is
// "unix:r.sock".
std::string without_directories(std::string_view text);

// Characters as a terminal counts them (wide ones as one), and the text cut to at most `columns` of them with
// "…".
std::size_t columns_of(std::string_view text);
// Lines longer than `columns` go on in further lines, broken at spaces and indented; colours take no room.
std::string folded(std::string_view text, std::size_t columns);
std::string cut_to(std::string_view text, std::size_t columns);

}  // namespace soakline
