#include "harness/judge/kept.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>

#include "harness/judge/judge.hpp"
#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

// Threads by their lives; the counts are made from them, once a second.
struct Threads {
  JudgeSettings settings;
  std::vector<Lifetime> lives = std::vector<Lifetime>(20, Lifetime{-5});

  Recording recording(bool identities) const {
    Recording recording;
    for (const double t : traces::times(0, settings.time_s, settings.time_s / 3600)) {
      const auto alive = std::count_if(lives.begin(), lives.end(), [=](const Lifetime& life) {
        return life.born_s <= t && life.gone_s > t;
      });
      recording.time_s.push_back(t);
      recording.threads.push_back(static_cast<double>(alive));
    }
    if (identities) recording.thread_lives = lives;
    return recording;
  }
  MetricVerdict judged(bool identities) const { return judge_recording(recording(identities), settings)[1]; }
};

Threads with_one_every(double period_s, double lasting_s) {
  Threads threads;
  for (const double t : traces::times(period_s / 2, threads.settings.time_s, period_s))
    threads.lives.push_back({t, t + lasting_s});
  return threads;
}

// A thread that takes another's place, at random but never leaving the number.
Threads replacing(double mean_life_s, std::uint32_t seed) {
  boost::random::mt19937 random(seed);
  boost::random::exponential_distribution<> life(1 / mean_life_s);
  Threads threads;
  threads.lives.clear();
  for (int slot = 0; slot < 60; ++slot) {
    double born = -1;
    while (born < threads.settings.time_s) {
      threads.lives.push_back({born, born + life(random)});
      born = threads.lives.back().gone_s;
    }
  }
  return threads;
}

// Connections that come and go at random, a hundred at a time.
Threads coming_and_going(double mean_life_s, std::uint32_t seed) {
  boost::random::mt19937 random(seed);
  boost::random::exponential_distribution<> gap(100 / mean_life_s), life(1 / mean_life_s);
  Threads threads;
  double born = -5 * mean_life_s;
  while (born < threads.settings.time_s) {
    threads.lives.push_back({born, born + life(random)});
    born += gap(random);
  }
  return threads;
}

class ThreadsSeen : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(By, ThreadsSeen, testing::Bool(),
                         [](const auto& by) { return by.param ? "identities" : "counts"; });

TEST_P(ThreadsSeen, FailWhenOneIsKeptPerHeartbeat) {
  const MetricVerdict threads = with_one_every(8.6, never_s).judged(GetParam());
  EXPECT_EQ(threads.verdict, Verdict::fail);
  EXPECT_EQ(threads.signal, GetParam() ? "identities" : "counts");
  EXPECT_GT(*threads.low, threads.tolerated);
  EXPECT_NEAR(*threads.drift_per_day, 86'400 / 8.6, 2000);
  EXPECT_LE(*threads.decided_at_s, 30 * 60);
}

TEST_P(ThreadsSeen, PassWhenNoneIsKeptAndSayWhatWasSeen) {
  Threads idle;
  const MetricVerdict threads = idle.judged(GetParam());
  EXPECT_EQ(threads.verdict, Verdict::pass);
  EXPECT_EQ(threads.reason, "none kept");
  EXPECT_EQ(*threads.drift_per_day, 0);
  EXPECT_EQ(threads.decided_at_s, 7200);  // 24 a day cannot show before the end
  EXPECT_NEAR(*threads.smallest_found_per_day, 4.60517 * 86'400 / 6000, 1);
}

TEST_P(ThreadsSeen, PassWhileAPoolBreathes) {
  EXPECT_EQ(with_one_every(10, 120).judged(GetParam()).verdict, Verdict::pass);
  // Older than A, but gone with each wave.
  Threads waves;
  for (const double wave : traces::times(0, 6000, 1200))
    for (int i = 0; i < 30; ++i) waves.lives.push_back({wave + 10 * i, wave + 900 + i});
  EXPECT_NE(waves.judged(GetParam()).verdict, Verdict::fail);
}

TEST_P(ThreadsSeen, PassWhenOnesThatLastAreReplaced) {
  for (const std::uint32_t seed : {1, 2, 3}) {
    const MetricVerdict threads = replacing(1800, seed).judged(GetParam());
    EXPECT_EQ(threads.verdict, Verdict::pass) << threads.reason;
    EXPECT_LE(*threads.low, 0);
    EXPECT_GT(*threads.high, 0);
  }
}

TEST_P(ThreadsSeen, DoNotFailWhileTheNumberOnlyVaries) {
  // Four minutes each: some are always past A, as many go.
  for (const std::uint32_t seed : {1, 2, 3, 4, 5})
    EXPECT_NE(coming_and_going(240, seed).judged(GetParam()).verdict, Verdict::fail) << seed;
}

TEST(Kept, DoesNotFailWhileLongLivedOnesVaryInNumber) {
  // Forty minutes each: whoever came since warm-up is mostly kept, in every quarter, but as many leave.
  for (const std::uint32_t seed : {1, 2, 3, 4, 5})
    EXPECT_NE(coming_and_going(2400, seed).judged(true).verdict, Verdict::fail) << seed;
}

TEST_P(ThreadsSeen, FailWhenALeakHidesInReplacements) {
  Threads threads = replacing(1800, 4);
  for (const double t : traces::times(30, 7190, 60)) threads.lives.push_back({t});
  EXPECT_EQ(threads.judged(GetParam()).verdict, Verdict::fail);
}

TEST_P(ThreadsSeen, DoNotFailWhenTheyCameAtOnce) {
  Threads threads;
  for (int i = 0; i < 40; ++i) threads.lives.push_back({1000.0 + i});
  EXPECT_NE(threads.judged(GetParam()).verdict, Verdict::fail);
}

TEST(Kept, FailsLateAfterAPass) {
  Threads threads;
  threads.settings.threads = {2000, 1000};
  threads.settings.stop = Stop::fail;
  EXPECT_EQ(threads.judged(true).verdict, Verdict::pass);
  for (const double t : traces::times(3000, 7199, 2)) threads.lives.push_back({t});
  for (const double t : traces::times(920, 2999, 500)) threads.lives.push_back({t});
  const MetricVerdict late = threads.judged(true);
  EXPECT_EQ(late.verdict, Verdict::fail);
  EXPECT_GT(*late.decided_at_s, 3000);
}

TEST_P(ThreadsSeen, NeverPassOverALongGap) {
  Threads idle;
  Recording recording = idle.recording(GetParam());
  for (std::size_t i = 0; i < recording.time_s.size(); ++i)
    if (recording.time_s[i] > 3000 && recording.time_s[i] < 4500) recording.threads[i] = missing;
  const MetricVerdict threads = judge_recording(recording, idle.settings)[1];
  EXPECT_EQ(threads.verdict, Verdict::inconclusive);
  EXPECT_EQ(threads.reason, "samples are missing for too long");
}

TEST_P(ThreadsSeen, NeverPassWhenSamplesEndEarly) {
  Threads idle;
  Recording recording = idle.recording(GetParam());
  std::fill(recording.threads.begin() + 1800, recording.threads.end(), missing);
  EXPECT_EQ(judge_recording(recording, idle.settings)[1].verdict, Verdict::inconclusive);
}

TEST_P(ThreadsSeen, NeverPassARunThatEndedAtOnce) {
  Threads idle;
  Recording recording = idle.recording(GetParam());
  recording.time_s.resize(605);  // 1208 s: warm-up and A are 1200 s
  recording.threads.resize(605);
  EXPECT_EQ(judge_recording(recording, idle.settings)[1].verdict, Verdict::inconclusive);
}

// Counts alone, once a second over two hours.
MetricVerdict judged_by(const std::function<double(double minute)>& count) {
  Recording recording;
  for (const double t : traces::times(0, 7200, 1)) {
    recording.time_s.push_back(t);
    recording.threads.push_back(std::floor(count(t / 60)));
  }
  return judge_recording(recording, JudgeSettings{})[1];
}

TEST(Kept, ByCountsDoesNotFailARiseSmallerThanTheSwing) {
  const auto rising = [](double swing) {
    return [=](double minute) { return 100 + minute / 2 + (std::fmod(minute, 2) < 1 ? 0 : swing); };
  };
  EXPECT_EQ(judged_by(rising(0)).verdict, Verdict::fail);
  EXPECT_EQ(judged_by(rising(20)).verdict, Verdict::fail);
  EXPECT_NE(judged_by(rising(100)).verdict, Verdict::fail);
}

TEST(Kept, ByCountsDoesNotFailARiseThatLevelsOff) {
  const auto verdict = judged_by([](double minute) {
    return minute < 16   ? 100.0
           : minute < 17 ? 101.0
                         : 100 + std::min(60.0, 2 + (minute - 17) * 20) + minute / 40;
  });
  EXPECT_NE(verdict.verdict, Verdict::fail);
}

TEST(Kept, NamesAMetricWithoutSamples) {
  for (const bool asked : {false, true})
    for (const std::vector<double>& column : {std::vector<double>(), std::vector<double>(7201, missing)}) {
      JudgeSettings settings;
      settings.threads.asked = asked;
      Recording recording = traces::rss(traces::real_time(), traces::flat(), 1);
      recording.threads = column;
      const MetricVerdict threads = judge_recording(recording, settings)[1];
      EXPECT_EQ(threads.verdict, asked ? Verdict::inconclusive : Verdict::not_judged);
      EXPECT_EQ(threads.reason, "no samples of threads");
      EXPECT_FALSE(threads.drift_per_day);
    }
}

TEST(Kept, CountsPerProductionDayWhenCompressed) {
  Threads threads;
  threads.settings = traces::compressed().settings;
  for (const double t : traces::times(0.5, 239.5, 1)) threads.lives.push_back({t});
  const MetricVerdict verdict = threads.judged(true);
  EXPECT_EQ(verdict.verdict, Verdict::fail);
  EXPECT_NEAR(*verdict.drift_per_day, 86'400.0 / 500, 60);
}

TEST(Kept, TerminatesWithoutWarmupOrAge) {
  Threads idle;
  idle.settings.warmup_s = idle.settings.age_s = 0;
  EXPECT_EQ(idle.judged(true).verdict, Verdict::pass);
}

TEST(NetBounds, ComeFromTheBoundsOfBothCounts) {
  EXPECT_NEAR(net_lower(10, 10, 0.025), -std::hypot(10 - 4.7954, 18.3904 - 10), 1e-3);
  EXPECT_NEAR(net_upper(10, 10, 0.025), -net_lower(10, 10, 0.025), 1e-9);
  EXPECT_NEAR(net_upper(10, 0, 0.025), 18.3904, 1e-3);
  EXPECT_GT(net_lower(100, 10, 0.001), 40);
}

TEST(PoissonBounds, AreThoseOfTheTables) {  // Garwood 1936: 95 % and 99 % two-sided
  EXPECT_EQ(poisson_lower(0, 0.025), 0);
  EXPECT_NEAR(poisson_upper(0, 0.025), 3.6889, 1e-4);
  EXPECT_NEAR(poisson_upper(0, 0.01), std::log(100), 1e-9);
  EXPECT_NEAR(poisson_lower(1, 0.025), 0.0253, 1e-4);
  EXPECT_NEAR(poisson_upper(1, 0.025), 5.5716, 1e-4);
  EXPECT_NEAR(poisson_lower(10, 0.025), 4.7954, 1e-4);
  EXPECT_NEAR(poisson_upper(10, 0.025), 18.3904, 1e-4);
  EXPECT_NEAR(poisson_lower(10, 0.005), 3.7169, 1e-4);
  EXPECT_NEAR(poisson_upper(10, 0.005), 21.3978, 1e-3);
}

}  // namespace
}  // namespace soakline
