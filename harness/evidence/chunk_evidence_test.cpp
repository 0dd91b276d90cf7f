// Real processes without the agent: what of their heaps became more, and who holds it.
#include "harness/evidence/chunk_evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/evidence/evidence.hpp"
#include "harness/judge/memory.hpp"
#include "harness/testing/holders_program.hpp"
#include "units/quantity.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

constexpr int objects = 1000;
constexpr double chunk_bytes = 96;  // of an object

// As if it had grown for a day: all that drifted is what the class grew by.
std::vector<Evidence> evidence_of_a_day(testing::HoldersProgram& target, const ChunkCensus& before,
                                        const ChunkCensus& now, double grown, std::string signal = "chunks") {
  MetricVerdict memory;
  memory.metric = Metric::memory;
  memory.verdict = Verdict::fail;
  memory.signal = std::move(signal);
  memory.drift_per_day = grown * chunk_bytes;
  const std::vector<GrownClass> classes = {{chunk_class_of(96), chunk_bytes, grown, grown * chunk_bytes}};
  SymbolsByPid symbols;
  symbols_of(symbols, target.pids().front());
  return chunk_evidence(before, now, memory, classes, seconds_per_day, Looking::at_work, symbols);
}

TEST(ChunkEvidence, NamesTheTypeThatGrewNotTheOneThatThereIsMostOfAndWhoHoldsIt) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none);
  const ChunkCensus before = target.census();
  target.grow();
  const auto found = evidence_of_a_day(target, before, target.census(), objects);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, "type");
  // Of some the heap was cut a little larger.
  EXPECT_THAT(found[0].frames,
              ElementsAre(MatchesRegex("(1000|99[0-9]) more holding::Leaking .vtable. of 96 B")));
  EXPECT_NEAR(found[0].share, 1, 0.01);
  EXPECT_NEAR(found[0].per_day, objects * chunk_bytes, objects);
  EXPECT_EQ(found[1].kind, "holder");
  EXPECT_NEAR(found[1].share, 1, 0.01);
  EXPECT_THAT(found[1].frames, ElementsAre("holding::tasks",
                                           MatchesRegex("[0-9]* B chunk .0x[0-9a-f]*\\.\\. .all hang on it."),
                                           MatchesRegex("holding::Leaking × (1,000|99[0-9])")));
}

TEST(ChunkEvidence, NamesTypesOfAProgramThatWasStripped) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none, "stripped_target");
  const ChunkCensus before = target.census();
  target.grow();
  const auto found = evidence_of_a_day(target, before, target.census(), objects);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].frames, ElementsAre(HasSubstr("more holding::Leaking (vtable) of 96 B")));
  EXPECT_THAT(found[1].frames.front(), "a global of stripped_target");
  EXPECT_THAT(found[1].frames.back(), HasSubstr("holding::Leaking × "));
}

TEST(ChunkEvidence, HoldsThoseWithoutATypeThatWereNotThereBefore) {
  testing::HoldersProgram target("map", objects, false, testing::Agent::none);
  const ChunkCensus now = target.census();
  const auto found = evidence_of_a_day(target, {}, now, objects);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, "holder");
  EXPECT_EQ(found[0].frames.front(), "holding::records_by_number");
  EXPECT_THAT(evidence_of_a_day(target, now, now, objects), IsEmpty()) << "all of them were there before";
}

TEST(ChunkEvidence, SaysWhatTypesThereAreWhereNothingWasListedBefore) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none);
  const auto found = evidence_of_a_day(target, target.census(1000), target.census(), objects);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0].frames,
              ElementsAre(MatchesRegex(".* holding::Steady .vtable. of 96 B, not compared with the "
                                       "end of warm-up: its heap has more than 0 MB")));
  EXPECT_NEAR(found[0].share, 2.0 / 3, 0.02);
  EXPECT_EQ(found[1].kind, "holder");
  EXPECT_THAT(found[2].frames.front(), HasSubstr("holding::Leaking"));
}

TEST(ChunkEvidence, IsNoneOfWhatGrewOutsideTheHeapOrDidNotGrow) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none);
  const ChunkCensus before = target.census();
  EXPECT_THAT(evidence_of_a_day(target, before, target.census(), objects), IsEmpty());
  target.grow();
  EXPECT_THAT(evidence_of_a_day(target, before, target.census(), objects, outside_the_heap), IsEmpty());
  EXPECT_THAT(evidence_of_a_day(target, before, target.census(), 100 * objects), IsEmpty())
      << "so small a share of what grew explains nothing";
}

TEST(ChunkEvidence, IsNoneOfATargetThatPasses) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none);
  Recording recording;
  recording.chunk_classes_bytes = {chunk_classes().begin(), chunk_classes().end()};
  for (int minute = 0; minute < 40; ++minute) {
    ChunkWalk walk{60.0 * minute, std::vector<float>(chunk_class_count)};
    walk.counts[chunk_class_of(96)] = static_cast<float>(100 * minute);
    recording.chunk_walks.push_back(walk);
  }
  Growth growth = begin_growth(0, {}, target.pids());
  growth.to_s = 2400;
  MetricVerdict memory;
  memory.metric = Metric::memory;
  memory.drift_per_day = 100 * chunk_bytes * 1440;
  memory.verdict = Verdict::pass;
  const LiveHeap live(60, 3600);
  EXPECT_THAT(collect_evidence(target.pids(), {memory}, growth, recording, live), IsEmpty());
  memory.verdict = Verdict::fail;
  EXPECT_THAT(collect_evidence(target.pids(), {memory}, growth, recording, live),
              ::testing::Contains(::testing::Field(&Evidence::kind, "holder")));
}

TEST(ChunkEvidence, EnduresTheEndOfTheTarget) {
  testing::HoldersProgram target("objects", objects, false, testing::Agent::none);
  const ChunkCensus before = target.census();
  target.grow();
  const ChunkCensus now = target.census();
  MetricVerdict memory;
  memory.drift_per_day = objects * chunk_bytes;
  const std::vector<GrownClass> classes = {{chunk_class_of(96), chunk_bytes, objects, objects * chunk_bytes}};
  const int pid = target.pids().front();
  target.end();
  SymbolsByPid symbols;
  EXPECT_THAT(chunk_evidence(before, now, memory, classes, seconds_per_day, Looking::at_work, symbols),
              IsEmpty());
  const ChunkCensus gone = take_census(std::vector{pid}, LiveHeap(60, 3600), most_listed_bytes);
  EXPECT_EQ(gone.at(pid).unusable, is_gone);
  EXPECT_THAT(chunk_evidence(before, gone, memory, classes, seconds_per_day, Looking::at_work, symbols),
              IsEmpty());
}

TEST(ChunkEvidence, IsNoneWhereTheAgentCounts) {
  testing::HoldersProgram target("map", 10);
  EXPECT_THAT(target.census(), IsEmpty());
}

}  // namespace
}  // namespace soakline
