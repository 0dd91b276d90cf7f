#include "harness/faults.hpp"

#include <gmock/gmock.h>

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A thing that is back some time after it was asked to end its fault.
class SlowHand final : public FaultHand {
 public:
  SlowHand(std::vector<std::string>& done, int takes) : done_(done), takes_(takes) {}
  void begin(const Fault& fault) override {
    done_.push_back("begin " + fault.on);
    left_ = takes_;
  }
  bool end(const Fault& fault) override {
    if (left_-- > 0) return false;
    done_.push_back("end " + fault.on);
    return true;
  }
  void abandon() override { done_.push_back("abandon"); }

 private:
  std::vector<std::string>& done_;
  int takes_, left_ = 0;
};

class FaultsTest : public ::testing::Test {
 protected:
  // Every hand says `takes` times that its fault is not over yet.
  void plan(std::vector<Fault> timeline, int takes = 0) {
    FaultHands hands;
    for (const Fault& fault : timeline) hands[fault.on] = std::make_unique<SlowHand>(done_, takes);
    faults_.emplace(std::move(timeline), std::move(hands));
  }
  // Lets time pass as a run does: to each moment that something is due at.
  void run_until(double end_s) {
    while (faults_->next_s() <= end_s) {
      now_s_ = std::max(now_s_, faults_->next_s());
      faults_->advance(now_s_, [this](const FaultNews& news) {
        if (!news.begins()) windows_.push_back(news.window);
      });
    }
    now_s_ = end_s;
  }
  static Fault fault(double begin_s, double end_s, const std::string& on = "redis") {
    return {begin_s, end_s, 0, FaultKind::stop, on, {}};
  }

  std::vector<std::string> done_;
  std::vector<Window> windows_;
  std::optional<Faults> faults_;
  double now_s_ = 0;
};

TEST_F(FaultsTest, BeginAndEndWhenTheyAreDue) {
  plan({fault(10, 15)});
  run_until(9.9);
  EXPECT_THAT(done_, IsEmpty());
  run_until(14.9);
  EXPECT_THAT(done_, ElementsAre("begin redis"));
  EXPECT_TRUE(faults_->under_way("redis", FaultKind::stop));
  EXPECT_FALSE(faults_->under_way("target", FaultKind::stop));
  run_until(15);
  EXPECT_THAT(done_, ElementsAre("begin redis", "end redis"));
  EXPECT_EQ(faults_->next_s(), never_s);
}

TEST_F(FaultsTest, AreOverSoonWhereTheyHaveNoLength) {
  plan({fault(10, 10)});
  run_until(10.1);
  EXPECT_THAT(done_, ElementsAre("begin redis", "end redis"));
}

TEST_F(FaultsTest, LastUntilTheirHandSaysThatTheyAreOver) {
  plan({fault(10, 15)}, 50);
  run_until(20);
  ASSERT_EQ(windows_.size(), 1U);
  EXPECT_NEAR(windows_[0].end_s, 16, 0.1) << "asked fifty times, a fiftieth of a second apart";
}

TEST_F(FaultsTest, TakeRecoveryIntoTheirWindow) {
  Fault slow = fault(10, 15);
  slow.recover_s = 7;
  plan({slow});
  run_until(30);
  ASSERT_EQ(windows_.size(), 1U);
  EXPECT_EQ(windows_[0].begin_s, 10);
  EXPECT_EQ(windows_[0].end_s, 22);
}

TEST_F(FaultsTest, WaitForTheOneBeforeOnTheSameThingOnly) {
  plan({fault(10, 15), fault(15, 20), fault(15.1, 20, "target")}, 50);
  run_until(15.5);
  EXPECT_THAT(done_, ElementsAre("begin redis", "begin target"));
  run_until(16.5);
  EXPECT_THAT(done_, ElementsAre("begin redis", "begin target", "end redis", "begin redis"));
  run_until(22.5);
  EXPECT_NEAR(windows_.back().end_s, 22, 0.2) << "as long as it was planned, from its late beginning";
}

TEST_F(FaultsTest, AreAbandonedAtTheEnd) {
  plan({fault(10, 15), fault(20, 25)});
  run_until(12);
  faults_->abandon();
  EXPECT_THAT(done_, ElementsAre("begin redis", "abandon"));
  EXPECT_EQ(faults_->next_s(), never_s);
}

}  // namespace
}  // namespace soakline
