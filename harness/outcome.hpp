// What was measured, held against what was expected; the outcome alone sets the exit code.
#pragma once

#include <span>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// `must_fail` empty: the variant must pass. Otherwise it is a control: caught only if every metric it names
// fails.
Outcome outcome_of(Verdict verdict, const std::vector<MetricVerdict>& metrics,
                   const std::vector<Metric>& must_fail);

// The target died at end_s: what had drifted above what is tolerated until then has failed, though no look
// decided it.
void fail_what_drifted_until_death(std::vector<MetricVerdict>& metrics, double end_s);

// Holds a result's comparison with the accepted runs against its verdict: a level out of its interval is a
// fail, and the cpu metric takes the verdict of its quantity.
void apply_baseline(RunResult& result);

// 0 passed or caught, 1 failed or not caught, 3 inconclusive, 4 invalid.
int exit_code(Outcome outcome);

// Of several the worst, in the order 1, 4, 2, 3, 0; 0 for none.
int worst_exit(std::span<const int> codes);

}  // namespace soakline
