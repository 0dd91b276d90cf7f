#include "loadgen/self_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SelfWatchTest : public testing::Test {
 protected:
  SelfWatchTest() {
    figures.lasted_s = 100;
    figures.begin = {1, 10e6, 20};
    figures.settled = {2, 12e6, 20};
    figures.now = {60, 12.1e6, 20};
    figures.wake_ups.record(50'000, 1000);
  }
  SelfFigures figures;
};

TEST_F(SelfWatchTest, AQuietRunIsValid) {
  EXPECT_THAT(reasons_against(figures), IsEmpty());
}

TEST_F(SelfWatchTest, AnOpenLoopThatWakesUpLateIsNot) {
  figures.wake_ups.record(150'000'000, 11);
  EXPECT_THAT(reasons_against(figures), ElementsAre(HasSubstr("too busy for the rate")));
  figures.open_loop = false;
  EXPECT_THAT(reasons_against(figures), IsEmpty()) << "a closed loop has no times to keep";
}

TEST_F(SelfWatchTest, AnOpenLoopThatUsesUpItsCoreIsNotAndAClosedOneMay) {
  figures.now.cpu_s = 99;
  EXPECT_THAT(reasons_against(figures), ElementsAre(HasSubstr("98 % of its core")));
  figures.open_loop = false;
  EXPECT_THAT(reasons_against(figures), IsEmpty());
}

TEST_F(SelfWatchTest, GrowthOfItsOwnIsNotUnlessItIsTheBacklog) {
  figures.now.rss_bytes = 30e6;
  EXPECT_THAT(reasons_against(figures), ElementsAre(HasSubstr("memory grew by 18 MB")));
  figures.backlog_bytes = 17e6;
  EXPECT_THAT(reasons_against(figures), IsEmpty());
  figures.now.descriptors = 40;
  EXPECT_THAT(reasons_against(figures), ElementsAre(HasSubstr("from 20 to 40")));
}

TEST_F(SelfWatchTest, LocalPortsThatRanOutAreAReasonHoweverShortTheRun) {
  figures.lasted_s = 0.1;
  figures.no_address = 3;
  EXPECT_THAT(reasons_against(figures), ElementsAre(HasSubstr("no free local port")));
}

TEST(OwnUse, IsThatOfThisProcess) {
  const OwnUse use = own_use();
  EXPECT_GT(use.rss_bytes, 1e6);
  EXPECT_GE(use.descriptors, 3U);
}

}  // namespace
}  // namespace soakline
