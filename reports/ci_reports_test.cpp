#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include "reports/invented_runs.hpp"
#include "reports/junit.hpp"
#include "reports/markdown.hpp"
#include "reports/openmetrics.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<RecordedRun> all_runs() {
  return {flat_run(),      leaking_control(), climbing_threads(), sawtooth_run(),
          regressed_run(), dead_run(),        interrupted_run(),  with_hostile_texts(sawtooth_run())};
}

struct Counts {
  int tests = 0, failures = 0, errors = 0;
  bool operator==(const Counts&) const = default;
};

// As a CI would read it; throws on XML that is broken.
Counts counted(const std::string& xml) {
  std::istringstream in(xml);
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(in, tree);
  Counts counts;
  for (const auto& [tag, suite] : tree.get_child("testsuites")) {
    if (tag != "testsuite") continue;
    for (const auto& [name, test] : suite) {
      if (name != "testcase") continue;
      ++counts.tests;
      counts.failures += test.get_child_optional("failure").has_value();
      counts.errors += test.get_child_optional("error").has_value();
    }
  }
  const auto said = [&](const char* key) {
    return tree.get<int>(std::string("testsuites.<xmlattr>.") + key);
  };
  EXPECT_EQ(counts, (Counts{said("tests"), said("failures"), said("errors")}));
  return counts;
}

TEST(Junit, ACaughtControlIsASuccess) {
  EXPECT_EQ(counted(junit_report({leaking_control()})), (Counts{3, 0, 0}));
}

TEST(Junit, AFailNamesItsMetric) {
  const std::string xml = junit_report({climbing_threads()});
  EXPECT_EQ(counted(xml), (Counts{3, 1, 0}));
  EXPECT_THAT(xml, HasSubstr("name=\"dedicated: threads\""));
  EXPECT_THAT(
      xml, HasSubstr("<failure type=\"drift\" message=\"+10022/day [8240, 12100], limit 24, tolerated 12"));
}

TEST(Junit, AControlThatWasNotCaughtFails) {
  RecordedRun run = flat_run();
  run.info.settings.must_fail = {Metric::memory};
  run.result->outcome = Outcome::not_caught;
  const std::string xml = junit_report({run});
  EXPECT_EQ(counted(xml), (Counts{3, 1, 0}));
  EXPECT_THAT(xml, HasSubstr("control not caught"));
}

TEST(Junit, InconclusiveInvalidAndInterruptedAreErrors) {
  for (const RecordedRun& run : {sawtooth_run(), dead_run(), interrupted_run()}) {
    const Counts counts = counted(junit_report({run}));
    EXPECT_EQ(counts.failures, 0);
    EXPECT_EQ(counts.errors, 1);
  }
}

TEST(Junit, ARegressionFailsBesideADriftThatPasses) {
  const std::string xml = junit_report({regressed_run()});
  EXPECT_EQ(counted(xml), (Counts{6, 1, 0}));
  EXPECT_THAT(xml,
              HasSubstr("<failure type=\"regression\" message=\"threads 12, accepted 8 [7, 9] of 10 runs\""));
}

TEST(Junit, AnOutcomeThatNoMetricExplainsStillShows) {
  RecordedRun run = flat_run();
  run.result->outcome = Outcome::failed;
  EXPECT_EQ(counted(junit_report({run})).failures, 1);
}

TEST(Junit, NoTwoTestsShareAName) {
  std::vector<RecordedRun> runs = {flat_run(), flat_run()};
  runs[1].info.folder = "/x/another";
  const std::string xml = junit_report(runs);
  EXPECT_THAT(xml, HasSubstr("name=\"once: memory\""));
  EXPECT_THAT(xml, HasSubstr("name=\"once another: memory\""));
}

TEST(Junit, HostileTextsLeaveItWellFormed) {
  const std::string xml = junit_report(all_runs());
  EXPECT_GT(counted(xml).tests, 15);
  for (const char c : xml) ASSERT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(counted(junit_report({})), Counts{});
}

TEST(Markdown, TheWorstComesFirst) {
  const std::string text = markdown_report({flat_run(), sawtooth_run(), climbing_threads()});
  EXPECT_LT(text.find("executor (dedicated)"), text.find("collector"));
  EXPECT_LT(text.find("| ❔ **INCONCLUSIVE**"), text.find("| ✅ **PASS**"));
}

TEST(Markdown, EveryRowHasAsManyCellsAsTheHead) {
  std::istringstream lines(markdown_report(all_runs()));
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    ++rows;
    int cells = 0;
    for (std::size_t i = 0; i < line.size(); ++i) cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(cells, 7) << line.substr(0, 200);
  }
  EXPECT_EQ(rows, 2 + 8);
}

TEST(Markdown, NoTagMentionOrAbsolutePathComesOut) {
  const std::string text = markdown_report(all_runs());
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("@all")));
  EXPECT_THAT(text, Not(HasSubstr("/home/")));
}

TEST(OpenMetrics, EachFamilyStandsTogetherAndTheFileEndsAsItMust) {
  const std::string text = openmetrics_report(all_runs());
  EXPECT_THAT(text, testing::EndsWith("\n# EOF\n"));
  std::istringstream lines(text);
  std::set<std::string> families, series;
  std::string family;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(families.insert(family).second) << family;
    }
    if (line.starts_with("#")) continue;
    EXPECT_EQ(line.substr(0, line.find('{')), family);
    EXPECT_TRUE(series.insert(line.substr(0, line.rfind('}'))).second) << line;
    EXPECT_FALSE(line.substr(line.rfind("} ") + 2).empty());
  }
  EXPECT_EQ(families.size(), 10U);
}

TEST(OpenMetrics, NumbersAreInBytesAndWhatIsMissingIsLeftOut) {
  const std::string text = openmetrics_report({leaking_control(), dead_run(), interrupted_run()});
  const std::string labels =
      R"({scenario="redis-subscription",variant="per-access",run="redis-subscription-per-access-1",metric="memory"})";
  EXPECT_THAT(text, HasSubstr("soakline_drift_per_day" + labels + " 91200000\n"));
  EXPECT_THAT(text, HasSubstr("soakline_limit_per_day" + labels + " 90000000\n"));
  EXPECT_THAT(text, HasSubstr("soakline_exit_code{scenario=\"redis-subscription\",variant=\"once\",run="
                              "\"redis-subscription-once-1\"} 4\n"));
  EXPECT_THAT(text, Not(HasSubstr("variant=\"pool\""))) << "without a result there is nothing to report";
}

}  // namespace
}  // namespace soakline
