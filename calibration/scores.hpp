// How often the judge was right: verdicts of many trials, with exact binomial bounds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calibration/trial.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// What the judge is given of a trace: every column of RSS alone, of RSS and chunks, or of aged heap bytes.
enum class Signal { rss, chunks, aged };
inline constexpr Signal all_signals[] = {Signal::rss, Signal::chunks, Signal::aged};
std::string_view name_of(Signal signal);

// Judges a trial's trace as a live run of two hours with 15 minutes of warm-up would be judged.
MetricVerdict judge_trial(const Trial& trial, Recording recording, Signal signal);

// Two lives against each other, as `soakline compare` judges memory.
MetricVerdict memory_difference(const Recording& base, const Recording& next);

// "4 (12)": the median and the 90th percentile.
std::string middle_and_tail(const std::vector<double>& values);

struct Judged {
  Trial trial;
  MetricVerdict memory;
};

// A table in Markdown: a line for each kind (or for all) and leak, in the order of their names.
std::string scores(const std::vector<Judged>& judged, bool by_kind);

// Upper bound at 99 % of a probability of which `wrong` in `trials` were seen (Clopper and Pearson 1934).
double binomial_upper(std::size_t wrong, std::size_t trials);

}  // namespace soakline
