// What a stranger's files go through: called by the fuzzers, and by ci/test with every file of their corpus.
#pragma once

#include <string_view>

namespace soakline {

// `text` as a samples.csv, judged as `soakline judge FILE` judges it and by the settings of a two-hour run.
// Returns whether it was judged; otherwise it was refused with a ScenarioError, the only exception allowed.
bool judge_samples(std::string_view text);

// `text` as a scenario file, its first variant under each of its profiles. Returns whether all of it was
// accepted.
bool read_scenario(std::string_view text);

}  // namespace soakline
