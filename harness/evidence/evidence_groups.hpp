// Threads or descriptors that a target keeps, those of one origin together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/symbols.hpp"

namespace soakline {

struct EvidenceGroup {
  double number = 0;
  std::vector<std::string> frames;  // as Evidence has them
};

// By process; made when first asked for, since it takes a while.
using SymbolsByPid = std::map<int, Symbols>;
inline Symbols& symbols_of(SymbolsByPid& all, int pid) {
  return all.try_emplace(pid, pid).first->second;
}

// "WORDS inner  <- outer  <- outermost" of so many innermost calls.
std::string told_in_a_line(const std::string& words, const std::vector<std::string>& stack,
                           std::size_t calls);

}  // namespace soakline
