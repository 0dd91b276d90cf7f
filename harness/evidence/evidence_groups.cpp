#include "harness/evidence/evidence_groups.hpp"

#include <algorithm>

namespace soakline {

std::string told_in_a_line(const std::string& words, const std::vector<std::string>& stack,
                           std::size_t calls) {
  std::string line = words;
  for (std::size_t i = 0; i < std::min(calls, stack.size()); ++i)
    line.append(i == 0 ? " " : "  <- ").append(stack[i]);
  return line;
}

}  // namespace soakline
