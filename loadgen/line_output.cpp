#include "loadgen/line_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace soakline {

Written write_line(std::string line) {
  line += '\n';
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t size = write(STDOUT_FILENO, left.data(), left.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Written::unread;
    left.remove_prefix(static_cast<std::size_t>(size));
  }
  return Written::whole;
}

Written write_line_or_skip(std::string line) {
  // A pipe is writable when it takes PIPE_BUF (4096) bytes, more than a line has.
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  if (poll(&out, 1, 0) == 0) return Written::skipped;
  return write_line(std::move(line));
}

}  // namespace soakline
