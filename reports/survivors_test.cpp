#include <gmock/gmock.h>

#include "reports/flame_graph.hpp"
#include "reports/survivor_figures.hpp"
#include "reports/survivor_table.hpp"

namespace soakline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

Evidence stack(double per_day, std::vector<std::string> frames, std::vector<std::uint32_t> sites = {}) {
  return {Metric::memory, "stack", per_day, 0.5, std::move(frames), std::nullopt, std::move(sites)};
}

TEST(FlameGraph, GivesEachCallItsShareUnderItsCaller) {
  const std::string svg = flame_graph({stack(60e6, {"connect  a.cpp:1", "main  m.cpp:9"}),
                                       stack(20e6, {"insert  b.cpp:2", "main  m.cpp:9"})});
  EXPECT_THAT(svg, HasSubstr("x=\"0.000%\" y=\"0\" width=\"100.000%\""));   // main
  EXPECT_THAT(svg, HasSubstr("x=\"0.000%\" y=\"22\" width=\"75.000%\""));   // connect
  EXPECT_THAT(svg, HasSubstr("x=\"75.000%\" y=\"22\" width=\"25.000%\""));  // insert
  EXPECT_THAT(svg, HasSubstr("<title>insert  b.cpp:2 (+20.0 MB/day)</title>"));
}

TEST(FlameGraph, EscapesTheNamesOfCalls) {
  const std::string svg = flame_graph({stack(1, {"<script>alert(1)</script>"})});
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
}

TEST(FlameGraph, IsLeftOutWithoutStacks) {
  EXPECT_EQ(flame_graph({}), "");
  EXPECT_EQ(flame_graph({{Metric::memory, "mapping", 1e6, 1, {"[heap]"}}}), "");
}

// Site 1 leaks 1,000 bytes an epoch of ten seconds, site 2 keeps as much for a minute beyond the age.
RecordedRun leak_beside_a_cache() {
  RecordedRun run;
  run.recording.site_block_bytes = {0, 128, 128};
  for (std::uint32_t epoch = 0; epoch < 30; ++epoch) {
    const double aged_s = 60 + 10.0 * epoch;
    run.recording.time_s.push_back(aged_s);
    run.recording.epochs.push_back({10.0 * epoch, 10.0 * epoch + 10});
    run.recording.cohorts.push_back({aged_s, 0, epoch, 0, 0});
    run.recording.cohorts.push_back({aged_s, 1, epoch, 10, 1000});
    run.recording.cohorts.push_back({aged_s, 2, epoch, 10, 1000});
    if (epoch >= 6) run.recording.cohorts.push_back({aged_s, 2, epoch - 6, 0, 0});
  }
  run.result.emplace();
  run.result->evidence = {stack(9e6, {"leak"}, {1}), stack(1e6, {"cache"}, {2})};
  return run;
}

TEST(SurvivorFigures, AreFlatByBirthForALeakAndEndForACache) {
  const auto figures = survivor_figures(leak_beside_a_cache());
  ASSERT_THAT(figures, SizeIs(2));
  ASSERT_THAT(figures[0].curves, SizeIs(2));
  EXPECT_DOUBLE_EQ(figures[0].curves[0].points.back().second, 30);  // kB that leaked
  EXPECT_DOUBLE_EQ(figures[0].curves[1].points.back().second, 6);   // kB that the cache holds
  const Trace &leak = figures[1].curves[0].points, &cache = figures[1].curves[1].points;
  EXPECT_EQ(leak.front().second, 100);  // bytes a second
  EXPECT_EQ(leak.back().second, 100);
  EXPECT_EQ(cache.front().second, 0);
  EXPECT_EQ(cache.back().second, 100);
}

TEST(SurvivorTable, SaysHowManyObjectsOfWhichSizeSurviveSinceWhen) {
  RecordedRun run = leak_beside_a_cache();
  run.result->evidence[0].survival = 1;
  run.result->evidence[1].frames = {"<cache>"};
  const std::string table = survivor_table(run);
  EXPECT_THAT(table,
              HasSubstr("leak</td><td data-label=\"Bytes a day\">9 MB</td><td data-label=\"Objects a "
                        "day\">90k</td><td data-label=\"Bytes each\">100 B</td><td "
                        "data-label=\"Survive\">100 %</td><td data-label=\"First seen\">at the start"));
  EXPECT_THAT(table, HasSubstr("&lt;cache&gt;"));
  EXPECT_EQ(survivor_table(RecordedRun{}), "");
}

TEST(SurvivorFigures, AreLeftOutWhereNothingIsBlamed) {
  RecordedRun run = leak_beside_a_cache();
  run.result->evidence.clear();
  EXPECT_THAT(survivor_figures(run), IsEmpty());
  EXPECT_THAT(survivor_figures(RecordedRun{}), IsEmpty());
}

}  // namespace
}  // namespace soakline
