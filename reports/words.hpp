// Sentences that console, pages and CI summaries share, so that all of them say the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/run_record.hpp"

namespace soakline {

// "redis-subscription (per-access)"; a run without a scenario is named by its command. Not escaped.
std::string title_of(const RunInfo& info);

// "PASS", "FAIL", "INCONCLUSIVE", "INVALID", "NOT JUDGED".
std::string headline_word(Verdict verdict);

// Whether the verdict is what was expected, where that is not plain from the verdict: "control caught". Else
// empty.
std::string outcome_phrase(const RunInfo& info, const RunResult& result);
// The same as a sentence.
std::string outcome_sentence(const RunInfo& info, const RunResult& result);
bool is_good(Outcome outcome);

// "3m10s of 4m, seed 7, declared ×500"
std::string run_facts(const RunInfo& info, const RunResult& result);

// Which signal decided and why: "rss: grew in every piece", or one of them, or nothing.
std::string because(const MetricVerdict& metric);
// "1.6 kB an operation [1.5, 1.7], 0.0 MB an idle hour [...]; in production 93 MB a day [...]", or nothing.
std::string parts_sentence(const MetricVerdict& metric);

// "memory 41.2 MB, the base 33.0: +8.2 [8.0, 8.4]  MORE", of two runs compared
std::string level_sentence(const BaselineQuantity& quantity);
// "plateau memory 41.2 MB, accepted 33.0 [31.8, 34.2] MB of 10 runs"
std::string baseline_sentence(const BaselineQuantity& quantity, int runs);
// Why nothing was compared; empty where it was, or where nobody keeps a baseline.
std::string no_comparison(const BaselineComparison& baseline);

// "86 % of threads, +181/day"; empty where neither is known.
std::string evidence_weight(const Evidence& evidence);

// "2026-03-01 12:30 UTC" of "2026-03-01T12:30:00Z"; anything else as it is.
std::string time_text(std::string_view iso8601);

// "×500"
std::string compression_text(double compression);

// The last component of the run's folder: what pages may show.
std::string folder_name(const RunInfo& info);

}  // namespace soakline
