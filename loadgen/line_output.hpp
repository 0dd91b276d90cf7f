// Lines on standard output for a reader that may be slow or gone.
#pragma once

#include <string>

namespace soakline {

enum class Written { whole, skipped, unread };

// Writes the line and its end. Unread: nobody reads any more.
Written write_line(std::string line);

// As write_line, but skips the line where writing would wait for the reader: the load must not.
Written write_line_or_skip(std::string line);

}  // namespace soakline
