#include "harness/sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "harness/process.hpp"
#include "harness/testing/processes.hpp"

namespace {
std::atomic<long> allocations{0};
}  // namespace

// Counted, since the instrument must not allocate while it samples.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace soakline {
namespace {

class SamplerTest : public ::testing::Test {
 protected:
  void start(const std::string& mode, int n) {
    Command command;
    command.arguments = {(program_directory() / "unruly_target").string(), mode, std::to_string(n)};
    std::string output;
    process_ =
        std::make_unique<Process>(loop_, command, [this](std::string_view bytes) { output_ += bytes; });
    ASSERT_TRUE(loop_.wait_for([this] { return output_.find("ready") != std::string::npos; },
                               std::chrono::steady_clock::now() + std::chrono::seconds(20)));
  }

  EventLoop loop_;
  std::string output_;
  std::unique_ptr<Process> process_;
  Recording recording_;
};

TEST_F(SamplerTest, CountsThreadsAndDescriptorsExactly) {
  start("threads", 17);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  const Reading reading = sampler.sample(0);
  EXPECT_TRUE(reading.target_alive);
  EXPECT_EQ(reading.sample.threads, 18);
  EXPECT_EQ(recording_.thread_lives.size(), 18U);
  // The guard starts it with the three standard streams alone.
  EXPECT_EQ(reading.sample.descriptors, 3);
}

TEST_F(SamplerTest, SumsTheWholeTree) {
  start("prefork", 5);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  EXPECT_EQ(sampler.sample(0).sample.threads, 6);
}

TEST_F(SamplerTest, SeesMemoryWithinAPageTableOfWhatIsThere) {
  start("big", 3);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  const Sample sample = sampler.sample(0).sample;
  EXPECT_GT(sample.rss_bytes, 200e6);
  EXPECT_GT(sample.anon_bytes, 200e6);
  EXPECT_GT(sample.pss_bytes, 200e6);
  EXPECT_LT(sample.anon_bytes, sample.rss_bytes);
}

TEST_F(SamplerTest, ReadsPssAtMostOnceAMinute) {
  start("wait", 0);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  EXPECT_FALSE(std::isnan(sampler.sample(0).sample.pss_bytes));
  EXPECT_TRUE(std::isnan(sampler.sample(1).sample.pss_bytes));
  EXPECT_FALSE(std::isnan(sampler.sample(61).sample.pss_bytes));
}

TEST_F(SamplerTest, WhereStatmIsNotExactReadsTheMappingsOnceABlock) {
  start("big", 1);
  Sampler sampler(process_->guard_pid(), false, {.rss_period_s = 10, .exact_statm = false}, recording_);
  EXPECT_GT(sampler.sample(0).sample.rss_bytes, 200e6);
  EXPECT_TRUE(std::isnan(sampler.sample(9.9).sample.rss_bytes));
  EXPECT_GT(sampler.sample(10).sample.rss_bytes, 200e6);
}

TEST_F(SamplerTest, AllocatesNothingOnceItKnowsTheTarget) {
  start("threads", 50);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  sampler.sample(0);
  sampler.sample(1);
  const long before = allocations;
  for (int i = 2; i < 50; ++i) sampler.sample(i);
  EXPECT_EQ(allocations - before, 0);
}

TEST_F(SamplerTest, TellsWhichDescriptorsCame) {
  start("leak-descriptors", 1);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  const double before = sampler.sample(0).sample.descriptors;
  double after = before;
  EXPECT_TRUE(testing::eventually([&] { return (after = sampler.sample(1).sample.descriptors) > before; }));
  EXPECT_FALSE(sampler.descriptor_changes().empty());
  EXPECT_TRUE(sampler.descriptor_changes()[0].born);
}

TEST_F(SamplerTest, ATargetThatBecomesADaemonIsNeverTakenForDead) {
  for (int i = 0; i < 20; ++i) {
    Command command;
    command.arguments = {(program_directory() / "unruly_target").string(), "daemonise"};
    std::string output;
    Process process(loop_, command, [&](std::string_view bytes) { output += bytes; });
    Sampler sampler(process.guard_pid(), false, {.age_s = 5}, recording_);
    double time_s = 0;
    ASSERT_TRUE(testing::eventually([&] {
      EXPECT_TRUE(sampler.sample(time_s += 0.001).target_alive) << "run " << i << ", sample " << time_s;
      loop_.run_until(std::chrono::steady_clock::now() + std::chrono::microseconds(100));
      return output.find("ready") != std::string::npos;
    }));
  }
}

TEST_F(SamplerTest, ATargetThatEndedIsMissingDataAndNotZero) {
  start("wait", 0);
  Sampler sampler(process_->guard_pid(), false, {.age_s = 5}, recording_);
  EXPECT_TRUE(sampler.sample(0).target_alive);
  kill(process_->pid(), SIGKILL);
  EXPECT_TRUE(testing::eventually([&] { return !sampler.sample(1).target_alive; }));
  const Reading reading = sampler.sample(2);
  EXPECT_TRUE(std::isnan(reading.sample.rss_bytes));
  EXPECT_TRUE(std::isnan(reading.sample.threads));
}

TEST_F(SamplerTest, AnAttachedProcessCountsItself) {
  start("threads", 4);
  Sampler sampler(process_->pid(), true, {.age_s = 5}, recording_);
  EXPECT_EQ(sampler.sample(0).sample.threads, 5);
}

TEST(LivesTest, OfShortLivedThreadsTakeNoMemory) {
  std::vector<Lifetime> kept;
  Lives lives(kept, 5);
  for (int i = 0; i < 100'000; ++i) {
    lives.next_sample();
    lives.gone(lives.born(i), i + 0.5);
  }
  EXPECT_LE(kept.size(), 2U);
}

TEST(LivesTest, OneThatReachedAgeAIsKeptForTheJudge) {
  std::vector<Lifetime> kept;
  Lives lives(kept, 5);
  for (int i = 0; i < 3; ++i) {
    lives.next_sample();
    lives.gone(lives.born(i), i + 6);
  }
  EXPECT_EQ(kept.size(), 3U);
}

TEST(LivesTest, AnEndedLifeStaysUntilTheNextSampleHasLooked) {
  std::vector<Lifetime> kept;
  Lives lives(kept, 5);
  lives.next_sample();
  const auto first = lives.born(1);
  lives.gone(first, 2);
  lives.born(2);
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_DOUBLE_EQ(kept[first].gone_s, 2);
}

TEST(StatLine, ACommandNameMayHoldAnything) {
  const std::string line = "123 (a) b (c)) S 77 1 1 0 -1 4194560 1 2 3 4 55 66 7 8 20 0 9 0 4242 100 5";
  EXPECT_EQ(stat_field(line, 4), 77U);
  EXPECT_EQ(stat_field(line, 14), 55U);
  EXPECT_EQ(stat_field(line, 22), 4242U);
  EXPECT_EQ(stat_field("garbage", 14), 0U);
}

}  // namespace
}  // namespace soakline
