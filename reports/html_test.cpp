#include "reports/html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "reports/invented_runs.hpp"
#include "reports/report_css.hpp"

namespace soakline {
namespace {

using testing::HasSubstr;
using testing::Not;

// Ids on a page, which must be unique.
std::multiset<std::string> ids_of(const std::string& page) {
  std::multiset<std::string> ids;
  for (std::size_t at = 0; (at = page.find(" id=\"", at)) != std::string::npos;) {
    at += 5;
    ids.insert(page.substr(at, page.find('"', at) - at));
  }
  return ids;
}

// Elements of the page left open, as a browser would count them.
void expect_balanced(const std::string& page) {
  std::vector<std::string> open;
  for (std::size_t at = page.find("<html"); (at = page.find('<', at)) != std::string::npos; ++at) {
    const bool closes = page[at + 1] == '/';
    const std::size_t begin = at + 1 + closes;
    const std::string name = page.substr(begin, page.find_first_of(" />\n\t", begin) - begin);
    const std::size_t end = page.find('>', at);
    if (name == "meta" || page[end - 1] == '/') continue;
    if (!closes) {
      open.push_back(name);
    } else {
      ASSERT_FALSE(open.empty()) << name;
      ASSERT_EQ(open.back(), name) << page.substr(at > 200 ? at - 200 : 0, 260);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
}

const std::vector<RecordedRun>& all_runs() {
  static const std::vector<RecordedRun> runs = {
      flat_run(),      leaking_control(), climbing_threads(), sawtooth_run(),
      regressed_run(), dead_run(),        interrupted_run(),  with_hostile_texts(sawtooth_run())};
  return runs;
}

TEST(Html, EveryPageIsWholeSelfContainedAndFreeOfForeignMarkup) {
  for (const RecordedRun& run : all_runs()) {
    const std::string page = html_report(run);
    expect_balanced(page);
    for (const char* foreign : {"<script", "<link", "src=", "@import", "url(", "http://www.w3", "\x1b",
                                "/home/someone", "/opt/build"})
      EXPECT_THAT(page, Not(HasSubstr(foreign))) << run.info.scenario.substr(0, 40);
    const auto ids = ids_of(page);
    for (const std::string& id : ids) EXPECT_EQ(ids.count(id), 1U) << id;
  }
}

TEST(Html, TheVerdictIsTheFirstThingOnThePage) {
  const std::string page = html_report(leaking_control());
  const auto body = page.find("<body>");
  EXPECT_LT(page.find("FAIL</h1>", body) - body, 200U);
  EXPECT_THAT(page, HasSubstr("Memory grows by 91.2 MB/day (86.0 to 96.4), the limit is 90."));
  EXPECT_THAT(page, HasSubstr("✓ caught"));
  EXPECT_THAT(page, HasSubstr("declared ×500"));
}

TEST(Html, EachVerdictIsAWordNotOnlyAColour) {
  const std::string page = html_report(climbing_threads());
  EXPECT_THAT(page, HasSubstr("✗ fail</span>"));
  EXPECT_THAT(page, HasSubstr("✓ pass</span>"));
}

TEST(Html, RegressionsStandInTheBannerAndTheTable) {
  const std::string page = html_report(regressed_run());
  EXPECT_THAT(page, HasSubstr("Regression: threads 12, accepted 8 [7, 9] of 10 runs."));
  EXPECT_THAT(page, HasSubstr("✗ regression"));
}

TEST(Html, ARunWithoutVerdictSaysSo) {
  EXPECT_THAT(html_report(interrupted_run()), HasSubstr("INTERRUPTED</h1>"));
}

TEST(Html, ThePageSaysHowToJudgeAgain) {
  EXPECT_THAT(html_report(flat_run()), HasSubstr("soakline judge redis-subscription-once-1"));
}

TEST(Html, ThePageFollowsTheDarkAndThePhone) {
  for (const char* rule : {"prefers-color-scheme:dark", "max-width:640px", "@media print"})
    EXPECT_THAT(std::string(report_css), HasSubstr(rule));
  EXPECT_THAT(html_report(flat_run()), HasSubstr("width=device-width"));
}

TEST(Html, TheIndexListsTheNewestFirstAndLeadsToEachReport) {
  std::vector<RecordedRun> runs = {flat_run(), leaking_control(), interrupted_run()};
  runs[0].info.started_at = "2026-03-01T00:00:00Z";
  runs[1].info.started_at = "2026-03-03T00:00:00Z";
  runs[2].info.started_at = "2026-03-02T00:00:00Z";
  const std::string page = html_index(runs);
  expect_balanced(page);
  EXPECT_LT(page.find("(per-access)"), page.find("executor (pool)"));
  EXPECT_LT(page.find("executor (pool)"), page.find("(once)"));
  EXPECT_THAT(page, HasSubstr("href=\"./redis-subscription-once-1/report.html\""));
  EXPECT_THAT(page, HasSubstr("… unfinished"));
  EXPECT_THAT(page, HasSubstr("+91.2 MB/day"));
}

TEST(Html, AnIndexOfHostileOrNoRunsIsAPageToo) {
  const std::string page = html_index({with_hostile_texts(sawtooth_run())});
  expect_balanced(page);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("href=\"./%3Cscript%3E%20%22%27%26%1B%7C%0A%5D%5D%3E/report.html\""));
  EXPECT_THAT(html_index({}), HasSubstr("No runs yet."));
}

}  // namespace
}  // namespace soakline
