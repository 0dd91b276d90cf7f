// Verdicts as they were published, one line a trace and signal, so that a judge that judges otherwise is
// noticed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "calibration/scores.hpp"

namespace soakline {

struct PublishedVerdict {
  std::string trace, signal, verdict;
  long minute = 0;     // of the verdict; 0 where there was none
  std::string reason;  // why it differs from the one published before it
};

PublishedVerdict published(Signal signal, const Judged& judged);

// trace,signal,verdict,minute,reason under a header; ScenarioError for anything else.
std::vector<PublishedVerdict> read_published(const std::filesystem::path& file);
void write_published(const std::filesystem::path& file, std::vector<PublishedVerdict> verdicts);

// A line for every trace and signal whose verdict is another or that only one of them has. Minutes may
// differ.
std::vector<std::string> verdict_changes(const std::vector<PublishedVerdict>& before,
                                         const std::vector<PublishedVerdict>& now);

// `now`, with the reasons given before for verdicts that stand and `reason` for those that changed.
std::vector<PublishedVerdict> with_reasons(std::vector<PublishedVerdict> now,
                                           const std::vector<PublishedVerdict>& before,
                                           const std::string& reason);

}  // namespace soakline
