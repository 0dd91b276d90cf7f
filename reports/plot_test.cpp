#include "reports/plot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "reports/invented_runs.hpp"
#include "reports/run_figures.hpp"
#include "reports/svg.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Figures, TheDriftRunsThroughTheMiddleOfTheJudgedHalfInSoakTime) {
  const auto figure = metric_figure(leaking_control(), Metric::memory);
  ASSERT_TRUE(figure && figure->drift && figure->limit);
  EXPECT_EQ(figure->unit, "MB");
  EXPECT_DOUBLE_EQ(figure->drift->from_s, 95);
  EXPECT_DOUBLE_EQ(figure->drift->to_s, 190);
  EXPECT_NEAR(figure->drift->slope, 91.2 * 500 / 86'400, 1e-9);
  // The run's own line: 24 MB when warm, and its leak.
  EXPECT_NEAR(figure->drift->level, 24 + 91.2 * 500 / 86'400 * 142.5, 0.5);
  EXPECT_NEAR(figure->limit->slope, 90.0 * 500 / 86'400, 1e-9);
}

TEST(Figures, TheRangeHoldsSamplesFitAndLimit) {
  const auto figure = metric_figure(flat_run(), Metric::memory);
  ASSERT_TRUE(figure && figure->limit);
  const auto range = figure->range();
  EXPECT_LT(range.low, 18);
  EXPECT_GT(range.high, figure->limit->level + figure->limit->slope * 95);
  EXPECT_GE(range.low, 0);
}

TEST(Figures, AYoungRunsWideIntervalDoesNotPressTheSamplesFlat) {
  RecordedRun run = sawtooth_run();
  run.result->metrics[0].high = 1e12;
  const auto range = metric_figure(run, Metric::memory)->range();
  EXPECT_LT(range.high, 200);
}

TEST(Figures, PhasesFaultsAndGapsAreMarkedInTheOrderOfTime) {
  const auto figure = metric_figure(sawtooth_run(), Metric::memory);
  ASSERT_TRUE(figure);
  std::vector<std::string> texts;
  for (const Mark& mark : figure->marks) texts.push_back(mark.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"load started", "gap samples missing", "fault restart of redis",
                                             "load stopped"}));
}

TEST(Figures, FaultsAreBandsAlsoThoseOfAMoment) {
  RecordedRun run = sawtooth_run();
  auto figure = metric_figure(run, Metric::memory);
  ASSERT_TRUE(figure);
  ASSERT_EQ(figure->faults.size(), 2U);
  EXPECT_EQ(figure->faults[0].from_s, 130);
  EXPECT_EQ(figure->faults[0].to_s, 136);
  EXPECT_GT(figure->faults[1].to_s, 150);
  run.recording.faults = {{130, 136}, {136.1}};
  figure = metric_figure(run, Metric::memory);
  ASSERT_EQ(figure->faults.size(), 1U) << "one to the eye";
  EXPECT_EQ(figure->faults[0].to_s, figure->end_s) << "it goes on";
  run.recording.faults.assign(40, {130, 136});
  figure = metric_figure(run, Metric::memory);
  for (const Mark& mark : figure->marks)
    EXPECT_EQ(mark.text.find("fault"), std::string::npos) << "too many to name";
}

TEST(Figures, WhatWasNotRecordedHasNoFigure) {
  EXPECT_FALSE(metric_figure(interrupted_run(), Metric::memory));
  EXPECT_FALSE(metric_figure(interrupted_run(), Metric::cpu));
  EXPECT_TRUE(load_figures(interrupted_run()).empty());
  EXPECT_TRUE(harness_figures(interrupted_run()).empty());
}

TEST(Figures, LoadAndInstrumentHaveTheirOwn) {
  EXPECT_EQ(load_figures(flat_run()).size(), 2U);
  EXPECT_EQ(harness_figures(flat_run()).size(), 2U);
}

TEST(Plot, GnuplotDrawsBothSizesWithATextForThoseWhoCannotSeeThem) {
  const auto plots = draw(
      {*metric_figure(leaking_control(), Metric::memory), *metric_figure(sawtooth_run(), Metric::threads)});
  ASSERT_EQ(plots.size(), 2U);
  for (const Plot& plot : plots) {
    EXPECT_EQ(plot.error, "");
    for (const std::string* svg : {&plot.wide, &plot.narrow}) {
      EXPECT_THAT(*svg, testing::StartsWith("<svg class=\"plot "));
      EXPECT_THAT(*svg, testing::EndsWith("</g> </svg>"));
      EXPECT_THAT(*svg, HasSubstr("role=\"img\""));
      EXPECT_THAT(*svg, HasSubstr("<desc id=\""));
      EXPECT_THAT(*svg, HasSubstr("var(--ink-4)"));
      EXPECT_THAT(*svg, Not(HasSubstr("rgb(")));
      EXPECT_THAT(*svg, Not(HasSubstr("<?xml")));
    }
  }
  EXPECT_THAT(plots[0].narrow, HasSubstr("id=\"memory-narrow-title\""));
  EXPECT_THAT(plots[0].wide, HasSubstr("Fitted drift +91.2 MB/day [86.0, 96.4], limit 90. Verdict: fail."));
}

TEST(Plot, AMissingGnuplotIsSaidInPlaceOfThePlot) {
  const auto plots = draw({*metric_figure(flat_run(), Metric::memory)}, "no-such-gnuplot");
  ASSERT_EQ(plots.size(), 1U);
  EXPECT_THAT(plots[0].error, HasSubstr("cannot start no-such-gnuplot"));
  EXPECT_THAT(plots[0].error, HasSubstr("install"));
}

TEST(Plot, AGnuplotThatFailsIsSaidToo) {
  const auto plots = draw({*metric_figure(flat_run(), Metric::memory)}, "false");
  EXPECT_THAT(plots.at(0).error, HasSubstr("false failed"));
}

TEST(Plot, OddFiguresAreDrawnToo) {
  Figure nothing;
  nothing.id = "nothing";
  nothing.curves = {{{{0, std::nan("")}}, Ink::first, "no value"}};
  Figure point;
  point.id = "point";
  point.end_s = 1e6;
  point.curves = {{{{5e5, 1e15}}, Ink::first, "one"}};
  for (const Plot& plot : draw({point, nothing, point})) EXPECT_EQ(plot.error, "");
}

TEST(Svg, WhatIsNoDrawingIsRefused) {
  EXPECT_FALSE(inline_svg("", {}));
  EXPECT_FALSE(inline_svg("<svg></svg>", {}));
}

}  // namespace
}  // namespace soakline
