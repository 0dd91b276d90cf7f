#include <gmock/gmock.h>

#include <cmath>

#include "harness/judge/judge.hpp"

namespace soakline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A run of real time with two minutes of warm-up, A of a minute, and an epoch of ten seconds.
JudgeSettings ten_minutes_of_settle() {
  JudgeSettings settings;
  settings.time_s = 2700;
  settings.warmup_s = 120;
  settings.age_s = 60;
  settings.settle_s = 600;
  settings.stop = Stop::fail;
  return settings;
}

constexpr double epoch_s = 10;
constexpr double limit_per_epoch = 90e6 / 86'400 * epoch_s;

// Blocks of a site that were born from `from_s` on, in ten seconds, and live at `now_s`.
using Alive = std::function<double(double from_s, double now_s)>;

struct SiteOf {
  double block_bytes;
  Alive alive;
};

// What the agent would have counted of these sites, numbered from 1.
Recording counted(const std::vector<SiteOf>& sites, double until_s,
                  const std::function<double(double)>& operations = nullptr) {
  Recording recording;
  for (double t = 0; t <= until_s; t += 5) {
    recording.time_s.push_back(t);
    recording.rss_bytes.push_back(50e6);
    recording.heap_live_bytes.push_back(30e6);
    if (operations) recording.operations.push_back(operations(t));
  }
  recording.epochs.push_back({0, 0});
  recording.site_block_bytes = {0};
  for (const SiteOf& site : sites) recording.site_block_bytes.push_back(2 * site.block_bytes);
  std::vector<std::vector<double>> told(sites.size());
  for (double now_s = 60; now_s <= until_s; now_s += epoch_s) {
    const double aged_s = now_s - 60;
    if (aged_s > 0) recording.epochs.push_back({aged_s - epoch_s, aged_s});
    const auto last = static_cast<std::uint32_t>(recording.epochs.size() - 1);
    recording.cohorts.push_back({now_s, 0, last, 0, 0});
    for (std::uint32_t i = 0; i < sites.size(); ++i) {
      told[i].resize(recording.epochs.size());
      for (std::uint32_t epoch = 1; epoch <= last; ++epoch) {
        const double blocks = std::round(sites[i].alive(recording.epochs[epoch].from_s, now_s));
        if (blocks == told[i][epoch] && (epoch != last || last % 30 != 1)) continue;
        told[i][epoch] = blocks;
        recording.cohorts.push_back({now_s, i + 1, epoch, blocks, blocks * sites[i].block_bytes});
      }
    }
  }
  return recording;
}

// So many limits in blocks of 80 bytes that nothing frees.
SiteOf leak(double limits, double since_s = 0) {
  return {80, [=](double from_s, double) { return from_s < since_s ? 0 : limits * limit_per_epoch / 80; }};
}
// What lives for a time, some MB at once.
SiteOf cache(double life_s) {
  return {2000, [=](double from_s, double now_s) { return now_s - from_s < life_s ? 200 : 0; }};
}
SiteOf churn() {
  return {64, [](double, double) { return 0; }};
}

struct Looked {
  MetricVerdict memory;
  std::vector<Suspect> suspects;
};

Looked judged(const Recording& recording, const JudgeSettings& settings = ten_minutes_of_settle()) {
  Judge judge(settings);
  judge.advance(recording, recording.end_s());
  judge.conclude(recording);
  return {judge.metrics().front(), judge.suspects()};
}

TEST(SiteDrift, FailsALeakAtTheLimitAMinuteAfterSettleAndNamesItsSite) {
  const auto [memory, suspects] = judged(counted({churn(), cache(300), leak(1)}, 1200));
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_EQ(memory.signal, "sites");
  EXPECT_EQ(memory.settle_s, 600);
  EXPECT_LE(*memory.decided_at_s, 660);
  EXPECT_GE(*memory.decided_at_s, 640);
  EXPECT_NEAR(*memory.drift_per_day, 90e6, 3e6);
  ASSERT_FALSE(suspects.empty());
  EXPECT_EQ(suspects[0].site, 3U);
}

TEST(SiteDrift, SuspectsALeakWithinFiveMinutesButFailsNothingBeforeSettle) {
  const auto [memory, suspects] = judged(counted({churn(), leak(1)}, 300));
  EXPECT_EQ(memory.verdict, Verdict::inconclusive);
  ASSERT_EQ(suspects.size(), 1U);
  EXPECT_EQ(suspects[0].site, 2U);
  EXPECT_NEAR(suspects[0].drift_per_day, 90e6, 3e6);
}

TEST(SiteDrift, FailsBlocksThatNothingPointsAtBeforeSettleAndNoOthers) {
  Recording recording = counted({churn(), leak(1)}, 400);
  recording.lost_blocks = {{290, 2, 0.1}};
  EXPECT_EQ(judged(recording).memory.verdict, Verdict::inconclusive);
  recording.lost_blocks = {{290, 2, 1}};
  const auto [memory, suspects] = judged(recording);
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_LE(*memory.decided_at_s, 310);
  EXPECT_EQ(memory.settle_s, std::nullopt);  // it rests on no promise
  // Nothing is suspected of a cache's site that has begun to turn over, whatever was lost there.
  Recording of_a_cache = counted({cache(120)}, 400);
  of_a_cache.lost_blocks = {{290, 1, 1}};
  EXPECT_NE(judged(of_a_cache).memory.verdict, Verdict::fail);
}

TEST(SiteDrift, DoesNotFailHalfTheLimit) {
  EXPECT_EQ(judged(counted({churn(), leak(0.5)}, 2700)).memory.verdict, Verdict::pass);
}

TEST(SiteDrift, PassesWhatIsFreedSoon) {
  const auto [memory, suspects] = judged(counted({churn(), cache(45)}, 1200));
  EXPECT_EQ(memory.verdict, Verdict::pass);
  EXPECT_EQ(memory.signal, "sites");
  EXPECT_LE(*memory.decided_at_s, 600);
  EXPECT_TRUE(suspects.empty());
}

TEST(SiteDrift, DoesNotFailACacheThatTurnsOverWithinSettle) {
  for (const double life_s : {120, 300, 560})
    EXPECT_NE(judged(counted({cache(life_s)}, 2400)).memory.verdict, Verdict::fail) << life_s;
}

TEST(SiteDrift, DoesNotFailAFillThatEndsWithinSettle) {
  for (const double full_s : {200, 400, 580}) {
    const SiteOf fill{2000, [=](double from_s, double) { return from_s < full_s ? 200 : 0; }};
    EXPECT_NE(judged(counted({churn(), fill}, 1800)).memory.verdict, Verdict::fail) << full_s;
  }
}

TEST(SiteDrift, FailsALeakThatBeginsLate) {
  const auto [memory, suspects] = judged(counted({churn(), leak(1, 900)}, 2700));
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_LE(*memory.decided_at_s, 1500);
}

TEST(SiteDrift, FailsALeakThatOnlyLoadShowsByTheLoadThatWasSeen) {
  // Two minutes on, three off; the leak is at the limit on the average.
  const auto is_on = [](double t) { return std::fmod(t, 300) < 120; };
  const SiteOf leak{80,
                    [=](double from_s, double) { return is_on(from_s) ? 2.5 * limit_per_epoch / 80 : 0; }};
  const auto operations = [](double t) {
    return 1000 * (120 * std::floor(t / 300) + std::min(120.0, std::fmod(t, 300)));
  };
  const auto [memory, suspects] = judged(counted({churn(), leak}, 2700, operations));
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_LE(*memory.decided_at_s, 1200);
}

TEST(SiteDrift, DoesNotPassWhileTooFewLargeBlocksWereBornToTell) {
  const SiteOf large{500'000, [](double, double) { return 0; }};
  EXPECT_EQ(judged(counted({churn(), large}, 1200)).memory.verdict, Verdict::inconclusive);
}

TEST(SiteDrift, DoesNotPassWithoutCountsOfLate) {
  Recording recording = counted({churn(), cache(45)}, 2700);
  std::erase_if(recording.cohorts, [](const CohortCount& count) { return count.time_s > 290; });
  const auto [memory, suspects] = judged(recording);
  EXPECT_EQ(memory.verdict, Verdict::inconclusive);
  EXPECT_THAT(memory.reason, HasSubstr("missing"));
}

TEST(SiteDrift, LeavesABufferThatGrowsWhereItIsToAgedBytes) {
  // realloc extends one block at twice the limit: no survivor is born, and it keeps its age.
  Recording recording = counted({churn(), churn()}, 2700);
  const double per_s = 2 * limit_per_epoch / epoch_s;
  std::vector<CohortCount> buffer;
  for (const CohortCount& count : recording.cohorts) {
    buffer.push_back(count);
    if (count.site == 0 && count.time_s > 60)
      buffer.push_back({count.time_s, 2, 1, 1, 1e6 + per_s * count.time_s});
  }
  recording.cohorts = buffer;
  recording.heap_live_bytes.clear();
  for (const double t : recording.time_s) recording.heap_live_bytes.push_back(20e6 + per_s * t);
  recording.heap_aged_bytes = recording.rss_bytes = recording.heap_live_bytes;
  const auto [memory, suspects] = judged(recording);
  EXPECT_EQ(memory.signal, "heap_aged");
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_GE(*memory.decided_at_s, 1200);
}

TEST(SiteDrift, FailsWhatFaultsLeaveBehind) {
  // Every minute a fault costs what the limit adds in two, and keeps all of it.
  const SiteOf handlers{80, [](double from_s, double) {
                          return std::fmod(from_s, 60) == 10 ? 2 * 6 * limit_per_epoch / 80 : 0;
                        }};
  Recording recording = counted({churn(), handlers}, 2700);
  for (double t = 5; t < 2700; t += 60) recording.faults.push_back({t, t + 15});
  const auto [memory, suspects] = judged(recording);
  EXPECT_EQ(memory.verdict, Verdict::fail);
  EXPECT_EQ(memory.signal, "sites");
  EXPECT_NEAR(*memory.drift_per_day, 180e6, 10e6);
  EXPECT_LE(*memory.decided_at_s, 900) << "what comes with faults in like amounts is not uneven";
}

TEST(SiteDrift, ChangesNothingForWhatIsBornAndGoneWithinAFault) {
  for (const double limits : {0.0, 1.0}) {
    // A fault that lasts for longer than A, so that what is born early in it comes of age.
    const std::vector<Window> faults = {{700, 900}, {1500, 1700}};
    const SiteOf retries{500, [&](double from_s, double now_s) {
                           for (const Window& fault : faults)
                             if (fault.contains(from_s) && now_s < fault.end_s - 10) return 5e4;
                           return 0.0;
                         }};
    Recording without = counted({churn(), leak(limits)}, 2700);
    Recording with = counted({churn(), leak(limits), retries}, 2700);
    with.site_block_bytes = without.site_block_bytes;
    with.faults = without.faults = faults;
    const MetricVerdict one = judged(without).memory, other = judged(with).memory;
    EXPECT_EQ(one.verdict, limits > 0 ? Verdict::fail : Verdict::pass);
    EXPECT_EQ(other.verdict, one.verdict);
    EXPECT_EQ(other.decided_at_s, one.decided_at_s);
    EXPECT_EQ(other.drift_per_day, one.drift_per_day);
    EXPECT_EQ(other.high, one.high);
  }
}

TEST(SiteDrift, NeitherFailsNorPassesAmidAFault) {
  Recording recording = counted({churn(), leak(1)}, 2700);
  recording.faults = {{630, 1200}};
  EXPECT_GT(*judged(recording).memory.decided_at_s, 1200);
  recording = counted({churn()}, 2700);
  recording.faults = {{200, 1200}};
  EXPECT_GT(*judged(recording).memory.decided_at_s, 1200);
  recording.faults = {{0}};
  EXPECT_EQ(judged(recording).memory.verdict, Verdict::inconclusive);
}

}  // namespace
}  // namespace soakline
