// Two recorded runs against each other, as one result that the reports show like a run's.
#pragma once

#include "harness/run_record.hpp"

namespace soakline {

struct RunComparison {
  RunInfo info;  // the new run's, with both names in its variant
  RunResult result;

  // Another verdict, for what the two recordings do not hold; a fail stands beside an inconclusive one.
  void conclude(Verdict verdict, std::string message);
};

// ScenarioError where the two cannot be held against each other: minutes that stand for different times.
RunComparison compare_runs(RecordedRun base, RecordedRun next);

}  // namespace soakline
