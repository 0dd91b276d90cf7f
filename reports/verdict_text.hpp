// A run's verdict for people at a terminal or reading a CI log: verdict first, evidence beneath.
#pragma once

#include <string>
#include <string_view>

#include "harness/run_record.hpp"

namespace soakline {

struct TextStyle {
  bool colours = false;
  bool quiet = false;  // the verdict line alone
};

// Lines that end in '\n'; no colours, no escapes and no control characters unless the style asks for colours.
std::string format_verdict(const RunInfo& info, const RunResult& result, const TextStyle& style = {});

// While the run goes on: a place in the code that may fail it, in one line.
std::string suspect_text(const RunInfo& info, double time_s, const Evidence& suspect);

// A verdict's word in its colour.
std::string coloured(std::string_view text, Verdict verdict, bool colours);

}  // namespace soakline
