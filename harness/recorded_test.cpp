// What is written is read back, torn or hostile as it may be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "harness/chunk_classes.hpp"
#include "harness/evidence/evidence.hpp"
#include "harness/outcome.hpp"
#include "harness/placeholders.hpp"
#include "harness/rejudge.hpp"
#include "harness/run_folder.hpp"
#include "harness/run_json.hpp"
#include "harness/samples_csv.hpp"
#include "harness/scenario.hpp"
#include "harness/testing/temporary_folder.hpp"

namespace soakline {
namespace {

using ::testing::HasSubstr;

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SamplesCsv, ReadsAsFewAsTimeAndRss) {
  const Table table = parse_samples("time_s,rss_bytes\n0,100\n1.5,200\n", "s.csv");
  EXPECT_THAT(table.time_s, ::testing::ElementsAre(0, 1.5));
  EXPECT_THAT(table.column("rss_bytes"), ::testing::ElementsAre(100, 200));
  EXPECT_TRUE(table.column("threads").empty());
}

TEST(SamplesCsv, EmptyCellsAreMissingAndUnknownColumnsAreKept) {
  const Table table = parse_samples("time_s,rss_bytes,mood\n0,,3\n1,5\n", "s.csv");
  EXPECT_TRUE(std::isnan(table.column("rss_bytes")[0]));
  EXPECT_TRUE(std::isnan(table.column("mood")[1]));
}

TEST(SamplesCsv, ATornLastLineIsLeftOut) {
  EXPECT_EQ(parse_samples("time_s,rss_bytes\n0,100\n1,2", "s.csv").time_s.size(), 1U);
  EXPECT_TRUE(parse_samples("time_s,rss_bytes\n", "s.csv").time_s.empty());
}

TEST(SamplesCsv, WhatIsNoNumberIsRefusedWithItsLine) {
  EXPECT_THAT(refusal([] { parse_samples("time_s,rss_bytes\n0,1\n1,many\n", "s.csv"); }),
              HasSubstr("s.csv:3: 'many' is not a number"));
  EXPECT_THAT(refusal([] { parse_samples("time_s,rss_bytes\n0,inf\n", "s.csv"); }), HasSubstr("s.csv:2"));
  EXPECT_THAT(refusal([] { parse_samples("when,rss_bytes\n", "s.csv"); }), HasSubstr("time_s"));
  EXPECT_THAT(refusal([] { parse_samples("time_s\n5\n4\n", "s.csv"); }), HasSubstr("goes back"));
  EXPECT_THAT(refusal([] { parse_samples("time_s\n5,6\n", "s.csv"); }), HasSubstr("more cells"));
}

TEST(SamplesCsv, ChunksComeInAnyOrderAndInFewRows) {
  const Table table = parse_samples(
      "time_s,chunks_64,rss_bytes,chunks_32,chunks_of_cheese\n0,,100,,\n1,7,100,5,\n2,0,100,6,\n", "s.csv");
  EXPECT_THAT(table.chunk_classes_bytes, ::testing::ElementsAre(32, 64));
  ASSERT_EQ(table.chunk_walks.size(), 2U);
  EXPECT_EQ(table.chunk_walks[0].time_s, 1);
  EXPECT_THAT(table.chunk_walks[0].counts, ::testing::ElementsAre(5, 7));
  EXPECT_THAT(table.chunk_walks[1].counts, ::testing::ElementsAre(6, 0));
  EXPECT_TRUE(table.column("chunks_32").empty());
}

TEST(SamplesCsv, ChunksThatCannotHaveBeenCountedAreRefused) {
  const auto refused = [](const std::string& header, const std::string& row) {
    return refusal([&] { parse_samples("time_s," + header + "\n" + row + "\n", "s.csv"); });
  };
  EXPECT_THAT(refused("chunks_32,chunks_32.0", "0,1,1"), HasSubstr("is there twice"));
  EXPECT_THAT(refused("chunks_32", "0,-1"), HasSubstr("s.csv:2: chunks_32 cannot be -1"));
  EXPECT_THAT(refused("chunks_32", "0,few"), HasSubstr("s.csv:2: 'few' is not a number"));
  EXPECT_THAT(refused("chunks_32,chunks_48", "0,1,"), HasSubstr("write 0 where there are none"));
}

RunInfo demo_info() {
  RunInfo info;
  info.scenario = "demo";
  info.variant = "good";
  info.settings.must_fail = {Metric::threads};
  info.settings.compression = 500;
  info.environment = {{"kernel", "6.1"}};
  return info;
}

Reading reading_at(double time_s, double rss, double threads = 3) {
  Reading reading;
  reading.sample = {time_s, rss, rss / 2, missing, threads, 9, 1.25, 17};
  return reading;
}

TEST(SamplesCsv, WhatCannotHaveBeenMeasuredIsRefused) {
  EXPECT_THAT(refusal([] { parse_samples("time_s,rss_bytes,rss_bytes\n0,1,2\n", "s"); }),
              HasSubstr("is there twice"));
  EXPECT_THAT(refusal([] { parse_samples("time_s,threads\n0,-1\n", "s"); }),
              HasSubstr("threads cannot be -1"));
  EXPECT_THAT(refusal([] { parse_samples("time_s,threads\n0,1e9\n", "s"); }), HasSubstr("threads cannot be"));
  EXPECT_THAT(refusal([] { parse_samples("time_s,rss_bytes\n1700000000,1\n", "s"); }),
              HasSubstr("subtract the first"));
  EXPECT_THAT(refusal([] { parse_samples("", "s"); }), HasSubstr("no complete line"));
}

TEST(RunFolder, IsReadBackAsItWasWritten) {
  const testing::TemporaryFolder out;
  RunInfo info = demo_info();
  RunFolder folder(out.path(), info);
  folder.write_sample(reading_at(0.0667, 4096, 2), 0);
  folder.write_identities("threads", 0.0667, {{10, 11, 5, -2.5, true}, {10, 12, 6, 0.01, true}});
  ChunkWalk walk{0.1334, std::vector<float>(chunk_class_count)};
  walk.counts[1] = 12'345'678;
  walk.counts.back() = 3;
  folder.write_sample(reading_at(0.1334, 8192, 1), 0.2, &walk);
  folder.write_identities("threads", 0.1334, {{10, 12, 6, 0.1334, false}});
  folder.write_event(0.1, "phase", {{"phase", "load"}});
  folder.write_load({{"t", 1.0}, {"answered", 17}});
  RunResult result;
  result.verdict = Verdict::fail;
  result.outcome = Outcome::caught;
  result.exit = 0;
  result.metrics.push_back({Metric::threads,
                            Verdict::fail,
                            "identities",
                            5.0,
                            4.0,
                            6.0,
                            24,
                            12,
                            {},
                            99.5,
                            Shape::linear,
                            GrowthParts{{1600, 1500, 1700}, {2, 1, 3}, Interval{90, 80, 100}},
                            "they keep coming"});
  folder.write_result(info, result);

  const RecordedRun run = read_run(folder.path());
  EXPECT_EQ(run.info.scenario, "demo");
  EXPECT_THAT(run.info.settings.must_fail, ::testing::ElementsAre(Metric::threads));
  EXPECT_THAT(run.recording.time_s, ::testing::ElementsAre(0.0667, 0.1334));
  EXPECT_THAT(run.recording.rss_bytes, ::testing::ElementsAre(4096, 8192));
  EXPECT_TRUE(std::ranges::equal(run.recording.chunk_classes_bytes, chunk_classes()));
  ASSERT_EQ(run.recording.chunk_walks.size(), 1U);
  EXPECT_EQ(run.recording.chunk_walks[0].time_s, 0.1334);
  EXPECT_EQ(run.recording.chunk_walks[0].counts, walk.counts);
  ASSERT_EQ(run.recording.thread_lives.size(), 2U);
  EXPECT_DOUBLE_EQ(run.recording.thread_lives[0].born_s, -2.5);
  EXPECT_DOUBLE_EQ(run.recording.thread_lives[1].gone_s, 0.1334);
  ASSERT_EQ(run.events.size(), 1U);
  EXPECT_EQ(run.load.size(), 1U);
  EXPECT_DOUBLE_EQ(*run.result->metrics[0].decided_at_s, 99.5);
  EXPECT_EQ(run.result->metrics[0].shape, Shape::linear);
  ASSERT_TRUE(run.result->metrics[0].parts);
  EXPECT_DOUBLE_EQ(run.result->metrics[0].parts->per_idle_hour.high, 3);
  EXPECT_DOUBLE_EQ(run.result->metrics[0].parts->per_day.value().low, 80);
  EXPECT_EQ(run.result->outcome, Outcome::caught);
}

TEST(RunFolder, WithoutAResultIsJudgedOnWhatThereIs) {
  const testing::TemporaryFolder out;
  RunInfo info = demo_info();
  RunFolder folder(out.path(), info);
  folder.write_sample(reading_at(0.1, 4096), 0);
  std::ofstream(folder.path() / "events.jsonl", std::ios::app) << "{\"event\":\"thr";
  const RecordedRun run = read_run(folder.path());
  EXPECT_FALSE(run.result);
  const RunResult judged = rejudge(run);
  EXPECT_EQ(judged.verdict, Verdict::inconclusive);
  EXPECT_EQ(judged.exit, 3);
}

TEST(RunFolder, WhoseEventsWereLostIsJudgedOnItsCounts) {
  const testing::TemporaryFolder out;
  RunInfo info = demo_info();
  RunFolder folder(out.path(), info);
  folder.write_identities("threads", 0, {{10, 11, 5, -2.5, true}});
  for (int i = 0; i < 5; ++i) folder.write_sample(reading_at(i, 4096, 10 + i), 0);
  EXPECT_TRUE(read_run(folder.path()).recording.thread_lives.empty());
}

TEST(RunFolder, WithImpossibleSettingsIsRefused) {
  const testing::TemporaryFolder out;
  for (const double compression : {-1.0, 0.0, 1e9}) {
    RunInfo info = demo_info();
    info.settings.compression = compression;
    const RunFolder folder(out.path(), info);
    EXPECT_THAT(refusal([&] { read_run(folder.path()); }), HasSubstr("impossible values"));
  }
}

TEST(RunFolder, ThatCannotBeMadeNamesTheFix) {
  const testing::TemporaryFolder out;
  const auto file = out.write("occupied", "a file");
  RunInfo info = demo_info();
  EXPECT_THAT(refusal([&] { RunFolder(file, info); }), HasSubstr("--out"));
}

TEST(Evidence, NamesTheSizesOfHeapChunksThatCameToStay) {
  Recording recording;
  recording.chunk_classes_bytes = {32, 48, 4096};
  for (int minute = 0; minute < 40; ++minute) {
    const auto leaked = static_cast<float>(10 * minute);
    recording.chunk_walks.push_back({60.0 * minute, {100, leaked, minute % 2 == 0 ? 0.0F : 9.0F}});
  }
  MetricVerdict memory;
  memory.metric = Metric::memory;
  memory.verdict = Verdict::fail;
  memory.drift_per_day = 10 * 48 * 1440;
  const auto found = collect_evidence({}, {memory}, {0, 2400, 1, {}}, recording, LiveHeap(300, 2400));
  ASSERT_EQ(found.size(), 1U) << "what never grew and what comes and goes explain nothing";
  EXPECT_EQ(found[0].kind, "heap chunks");
  EXPECT_THAT(found[0].frames, ::testing::ElementsAre("300 more of 48 B"));
  EXPECT_NEAR(found[0].per_day, 10 * 48 * 1440, 1);
  EXPECT_NEAR(found[0].share, 1, 1e-6);
  memory.drift_per_day = 90e6;
  EXPECT_THAT(collect_evidence({}, {memory}, {0, 2400, 1, {}}, recording, LiveHeap(300, 2400)),
              ::testing::IsEmpty())
      << "so small a share of what grew explains nothing";
}

TEST(RunFolder, PruningKeepsTheNewestAndNeverOneThatMayStillRun) {
  const testing::TemporaryFolder out;
  std::vector<std::filesystem::path> made;
  for (int i = 0; i < 4; ++i) {
    RunInfo info = demo_info();
    RunFolder folder(out.path(), info);
    if (i != 1) folder.write_result(info, {});
    made.push_back(folder.path());
  }
  prune(out.path(), "demo", "good", 2);
  EXPECT_FALSE(std::filesystem::exists(made[0]));
  EXPECT_TRUE(std::filesystem::exists(made[1]));
  EXPECT_TRUE(std::filesystem::exists(made[2]));
  EXPECT_TRUE(std::filesystem::exists(made[3]));
}

TEST(RunFolder, OfSomethingElseIsRefused) {
  const testing::TemporaryFolder out;
  out.write("run.json", "{\"scenario\": 5}");
  EXPECT_THAT(refusal([&] { read_run(out.path()); }), HasSubstr("not a run of soakline"));
  out.write("run.json", "{");
  EXPECT_THAT(refusal([&] { read_run(out.path()); }), HasSubstr("not a run of soakline"));
}

TEST(Placeholders, AreFilledAndUnknownOnesRefused) {
  const Placeholders values = {{"port", "7000"}, {"bin", "/opt"}};
  EXPECT_EQ(fill("{bin}/x:{port}", values), "/opt/x:7000");
  EXPECT_EQ(fill("{{literal}", values), "{literal}");
  EXPECT_THAT(refusal([&] { fill("{prot}", values); }),
              HasSubstr("unknown placeholder '{prot}'; known here: {bin} {port}"));
  EXPECT_THAT(refusal([&] { fill("{port", values); }), HasSubstr("unknown placeholder"));
}

MetricVerdict verdict_of(Metric metric, Verdict verdict) {
  MetricVerdict result;
  result.metric = metric;
  result.verdict = verdict;
  return result;
}

TEST(Outcomes, AControlIsCaughtOnlyOnAllTheMetricsItNames) {
  const auto outcome = [](Verdict memory, Verdict threads, const std::vector<Metric>& named) {
    const std::vector<MetricVerdict> metrics = {verdict_of(Metric::memory, memory),
                                                verdict_of(Metric::threads, threads)};
    return outcome_of(Verdict::fail, metrics, named);
  };
  EXPECT_EQ(outcome(Verdict::fail, Verdict::fail, {Metric::memory, Metric::threads}), Outcome::caught);
  EXPECT_EQ(outcome(Verdict::fail, Verdict::pass, {Metric::memory}), Outcome::caught);
  EXPECT_EQ(outcome(Verdict::fail, Verdict::pass, {Metric::memory, Metric::threads}), Outcome::not_caught);
  EXPECT_EQ(outcome(Verdict::inconclusive, Verdict::pass, {Metric::memory}), Outcome::inconclusive);
}

TEST(Outcomes, AControlCaughtOnTheWrongMetricIsNotCaught) {
  const std::vector<MetricVerdict> metrics = {verdict_of(Metric::memory, Verdict::inconclusive),
                                              verdict_of(Metric::threads, Verdict::fail)};
  EXPECT_EQ(outcome_of(Verdict::fail, metrics, {Metric::memory}), Outcome::not_caught);
}

TEST(Outcomes, ATargetThatDiedOfWhatItDriftedByHasFailed) {
  MetricVerdict climbing = verdict_of(Metric::threads, Verdict::inconclusive);
  climbing.low = 500;
  climbing.tolerated = 12;
  MetricVerdict unclear = verdict_of(Metric::memory, Verdict::inconclusive);
  unclear.low = -5;
  unclear.tolerated = 45;
  std::vector<MetricVerdict> metrics = {climbing, unclear};
  fail_what_drifted_until_death(metrics, 33);
  EXPECT_EQ(metrics[0].verdict, Verdict::fail);
  EXPECT_DOUBLE_EQ(*metrics[0].decided_at_s, 33);
  EXPECT_EQ(metrics[1].verdict, Verdict::inconclusive);
}

TEST(Outcomes, TheWorstExitCodeWinsInTheOrderOfTheDesign) {
  EXPECT_EQ(worst_exit(std::vector{0, 3, 2, 4, 1}), 1);
  EXPECT_EQ(worst_exit(std::vector{0, 3, 2, 4}), 4);
  EXPECT_EQ(worst_exit(std::vector{0, 3, 2}), 2);
  EXPECT_EQ(worst_exit(std::vector{0, 3}), 3);
  EXPECT_EQ(worst_exit(std::vector{0, 0}), 0);
}

TEST(Outcomes, ALevelAboveTheAcceptedRunsFailsBesideADriftThatPasses) {
  RunResult result;
  result.verdict = Verdict::pass;
  result.metrics = {verdict_of(Metric::memory, Verdict::pass), verdict_of(Metric::cpu, Verdict::not_judged)};
  result.baseline.quantities = {{"threads", "", 12, 8, 7, 9, Verdict::fail},
                                {"cpu per operation", "s", 1, 1, 0.9, 1.1, Verdict::pass}};
  apply_baseline(result);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.metrics[0].verdict, Verdict::pass);
  EXPECT_EQ(result.metrics[1].verdict, Verdict::pass);
}

}  // namespace
}  // namespace soakline
