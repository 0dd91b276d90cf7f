#include "reports/verdict_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reports/invented_runs.hpp"
#include "reports/words.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string text_of(const RecordedRun& run) {
  return format_verdict(run.info, *run.result);
}

TEST(VerdictText, TheVerdictComesFirstWithWhetherItWasExpected) {
  EXPECT_THAT(text_of(leaking_control()),
              StartsWith("FAIL  redis-subscription (per-access)  control caught        "
                         "3m10s of 4m, seed 7, declared ×500\n"));
  EXPECT_THAT(text_of(flat_run()), StartsWith("PASS  redis-subscription (once)        4m of 4m"));
}

TEST(VerdictText, AControlThatIsNotCaughtSaysOnWhat) {
  RecordedRun run = leaking_control();
  run.info.settings.must_fail = {Metric::threads, Metric::memory};
  run.result->outcome = Outcome::not_caught;
  EXPECT_THAT(text_of(run), HasSubstr("control NOT caught on threads and memory"));
}

TEST(VerdictText, EachMetricHasDriftIntervalLimitsVerdictAndReason) {
  EXPECT_THAT(
      text_of(leaking_control()),
      HasSubstr(
          "+91.2 MB/day [86.0, 96.4]         limit 90, tolerated 45  FAIL  rss: grows in every piece\n"));
  EXPECT_THAT(text_of(leaking_control()),
              HasSubstr("threads      none kept; would have seen 5/day  limit 24"));
}

TEST(VerdictText, RealTimeIsNotCalledCompressed) {
  RecordedRun run = flat_run();
  run.info.settings.compression = 1;
  EXPECT_THAT(text_of(run), Not(HasSubstr("declared")));
}

TEST(VerdictText, ARegressionIsNamedWithWhatWasAccepted) {
  EXPECT_THAT(text_of(regressed_run()), HasSubstr("regression   threads 12, accepted 8 [7, 9] of 10 runs\n"));
  EXPECT_THAT(text_of(regressed_run()), Not(HasSubstr("plateau memory")));
}

TEST(VerdictText, WithoutABaselineNothingIsSaidOfIt) {
  EXPECT_THAT(text_of(flat_run()), Not(HasSubstr("baseline")));
  RecordedRun run = flat_run();
  run.result->baseline.status = "too few runs";
  run.result->baseline.runs = 3;
  EXPECT_THAT(text_of(run), HasSubstr("baseline     not judged: too few runs (3)\n"));
  EXPECT_THAT(text_of(sawtooth_run()),
              HasSubstr("not compared: other environment, kernel 6.1 instead of 5.10"));
}

TEST(VerdictText, WhatGrewTakesAtMostThreeLines) {
  for (std::size_t many : {1U, 9U}) {
    RecordedRun run = leaking_control();
    run.result->evidence.assign(many,
                                {Metric::memory, "stack", 1e6, 0.5, std::vector<std::string>(40, "frame")});
    const std::string text = text_of(run);
    const auto from = text.find("  what grew"), to = text.find("  report ");
    EXPECT_EQ(std::count(text.begin() + static_cast<long>(from), text.begin() + static_cast<long>(to), '\n'),
              3);
  }
}

TEST(VerdictText, AnInvalidRunSaysWhy) {
  EXPECT_THAT(text_of(dead_run()), HasSubstr("because      the target ended with signal 11 after 6s"));
}

TEST(VerdictText, AFailOfMemorySaysThePromiseItRestsOn) {
  RecordedRun run = leaking_control();
  run.result->metrics[0].settle_s = 80;
  EXPECT_THAT(text_of(run), HasSubstr("; settle: nothing takes longer than 1m20s to turn over"));
}

TEST(VerdictText, QuietIsOneLineAndColoursAreOnlyThereWhenAsked) {
  const RecordedRun run = leaking_control();
  const std::string quiet = format_verdict(run.info, *run.result, {false, true});
  EXPECT_EQ(std::count(quiet.begin(), quiet.end(), '\n'), 1);
  EXPECT_THAT(text_of(run), Not(HasSubstr("\x1b")));
  EXPECT_THAT(format_verdict(run.info, *run.result, {true, false}), HasSubstr("\x1b[1;31mFAIL\x1b[0m"));
}

TEST(VerdictText, HostileNamesCannotReachTheTerminal) {
  const RecordedRun run = with_hostile_texts(sawtooth_run());
  const std::string text = text_of(run);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_LT(text.size(), 8000U);
}

TEST(VerdictText, ACommandNamesARunWithoutAScenario) {
  RunInfo info;
  info.command = {"/usr/bin/server", "--port", "1"};
  EXPECT_EQ(title_of(info), "server");
}

}  // namespace
}  // namespace soakline
