// Runs gnuplot over a script without a shell, a temporary file or a pipe that could fill up.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

namespace soakline {

struct GnuplotOutput {
  std::string drawn;
  std::string error;  // for people: why nothing was drawn
};

// `write` fills the script and closes it, as gnuplot-iostream's Gnuplot(FILE*) does.
GnuplotOutput run_gnuplot(const std::string& program, const std::function<void(std::FILE*)>& write);

}  // namespace soakline
