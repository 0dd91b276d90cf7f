// Runs that never ran, for tests and demonstrations of reports.
#pragma once

#include <string>

#include "harness/run_record.hpp"

namespace soakline {

// Five minutes at compression 500: flat RSS, threads and descriptors; passes.
RecordedRun flat_run();
// RSS rises by 91.2 MB a production day and threads stay; a control that is caught on memory.
RecordedRun leaking_control();
// Threads climb with the memory of their stacks; fails where a pass was expected.
RecordedRun climbing_threads();
// Garbage that is collected over and over, some samples missing, a restarted service; inconclusive.
RecordedRun sawtooth_run();
// No drift, but four threads more than ten accepted runs had; fails as a regression.
RecordedRun regressed_run();
// The target died; invalid, with a message and hardly any samples.
RecordedRun dead_run();
// Killed before its verdict, with nothing recorded.
RecordedRun interrupted_run();

// Every text in it replaced by one that attacks terminals, HTML, XML, Markdown and labels.
std::string hostile_text();
RecordedRun with_hostile_texts(RecordedRun run);

}  // namespace soakline
