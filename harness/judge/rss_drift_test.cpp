#include "harness/judge/rss_drift.hpp"

#include <gmock/gmock.h>

#include <string>
#include <tuple>

#include "harness/judge/judge.hpp"
#include "harness/judge/traces.hpp"

namespace soakline {
namespace {

using namespace traces;

MetricVerdict memory_of(const Recording& recording, const JudgeSettings& settings) {
  return judge_recording(recording, settings)[0];
}

// What is printed must not contradict itself.
void expect_numbers_agree(const MetricVerdict& memory) {
  EXPECT_FALSE(memory.reason.empty());
  if (memory.verdict != Verdict::pass && memory.verdict != Verdict::fail) {
    EXPECT_FALSE(memory.decided_at_s);
    return;
  }
  ASSERT_TRUE(memory.low && memory.high && memory.drift_per_day && memory.smallest_found_per_day &&
              memory.decided_at_s);
  EXPECT_LE(*memory.low, *memory.drift_per_day);
  EXPECT_GE(*memory.high, *memory.drift_per_day);
  if (memory.verdict == Verdict::fail) {
    EXPECT_GT(*memory.low, memory.tolerated);
  } else {
    EXPECT_LT(*memory.high, memory.limit);
    EXPECT_LE(*memory.smallest_found_per_day, memory.limit);
  }
}

struct Kind {
  std::string name;
  std::function<Course(const Soak&)> course;
};
void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

// Every kind in real time and compressed, with three seeds.
class MemoryOf : public testing::TestWithParam<std::tuple<Kind, bool, int>> {
 protected:
  Soak soak_ = std::get<1>(GetParam()) ? compressed() : real_time();
  MetricVerdict judged(Stop stop) {
    soak_.settings.stop = stop;
    const auto& [kind, is_compressed, seed] = GetParam();
    MetricVerdict memory = memory_of(rss(soak_, kind.course(soak_), seed), soak_.settings);
    expect_numbers_agree(memory);
    return memory;
  }
};
std::string name_of_case(const testing::TestParamInfo<MemoryOf::ParamType>& info) {
  const auto& [kind, is_compressed, seed] = info.param;
  return kind.name + (is_compressed ? "_compressed_" : "_real_time_") + std::to_string(seed);
}
auto all_of(const std::vector<Kind>& kinds) {
  return testing::Combine(testing::ValuesIn(kinds), testing::Bool(), testing::Values(1, 2, 3));
}

class CleanMemory : public MemoryOf {};
TEST_P(CleanMemory, Passes) {
  EXPECT_EQ(judged(Stop::decided).verdict, Verdict::pass);
}
INSTANTIATE_TEST_SUITE_P(Kinds, CleanMemory,
                         all_of({{"flat", [](auto&) { return flat(); }},
                                 {"creep", [](auto&) { return creep(); }},
                                 {"fill", [](auto&) { return fill(5e6, 5); }},
                                 {"short_teeth", [](auto&) { return sawtooth(4e6, 1.3); }},
                                 {"sawtooth", [](auto&) { return creep(200e3) + sawtooth(4e6, 7); }},
                                 {"small_step", [](auto&) { return step(1e6, 20); }}}),
                         name_of_case);

// Some of these are too large ever to pass in two hours: inconclusive is right, fail is not.
class GrowthThatEnds : public MemoryOf {};
TEST_P(GrowthThatEnds, NeverFails) {
  EXPECT_NE(judged(Stop::fail).verdict, Verdict::fail);
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, GrowthThatEnds,
    all_of({{"large_fill", [](auto&) { return fill(24e6, 8); }},
            {"slow_fill", [](auto&) { return fill(24e6, 15); }},
            {"large_step", [](auto&) { return creep() + step(10e6, 25); }},
            {"late_step", [](auto&) { return creep() + step(3e6, 70); }},
            {"sawtooth_of_pages", [](auto&) { return sawtooth(20e6, 9) + fill(5e6, 5); }},
            {"refill_after_a_fall",
             [](const Soak& soak) {
               const Course to_come = leak(soak, 1.2, 10);
               const double fallen = 10 * soak.limit_per_minute() * 10;
               return [=](double minute) { return minute < 10 ? fallen : to_come(std::min(minute, 40.0)); };
             }},
            {"half_the_limit", [](const Soak& soak) { return leak(soak, 0.5); }}}),
    name_of_case);

class LeakingMemory : public MemoryOf {};
TEST_P(LeakingMemory, Fails) {
  EXPECT_EQ(judged(Stop::fail).verdict, Verdict::fail);
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, LeakingMemory,
    all_of({{"limit", [](const Soak& soak) { return leak(soak, 1); }},
            {"twice", [](const Soak& soak) { return leak(soak, 2); }},
            {"limit_over_creep", [](const Soak& soak) { return leak(soak, 1) + creep(); }},
            {"shown_at_peaks_of_load",
             [](const Soak& soak) {
               return
                   [by_now = leak(soak, 1)](double minute) { return by_now(15 * std::floor(minute / 15)); };
             }},
            {"twice_over_fill", [](const Soak& soak) { return leak(soak, 2) + fill(5e6, 5); }},
            {"limit_under_teeth", [](const Soak& soak) { return leak(soak, 1) + sawtooth(4e6, 7); }},
            {"twice_under_few_teeth", [](const Soak& soak) { return leak(soak, 2) + sawtooth(4e6, 18); }},
            {"late", [](const Soak& soak) { return leak(soak, 2, 60) + creep(); }}}),
    name_of_case);

// As it is collected once in a quarter of an hour.
Course shown_in_stairs(const Soak& soak, double limits) {
  return [by_now = leak(soak, limits)](double minute) { return by_now(15 * std::floor(minute / 15)); };
}

TEST(CollectedHeap, FailsByItsFloorInAnHourAndAHalf) {
  Soak soak = real_time();
  soak.settings.collected_by = "the JVM";
  EXPECT_EQ(memory_of(rss(soak, shown_in_stairs(soak, 1), 1), soak.settings).verdict, Verdict::fail);
  EXPECT_EQ(memory_of(rss(soak, shown_in_stairs(soak, 0.5), 1), soak.settings).verdict,
            Verdict::inconclusive);
}

TEST(Settle, LeavesUndecidedWhatEndsTooSoonAfterIt) {
  Soak soak = real_time();
  soak.settings.settle_s = 115 * 60;
  const MetricVerdict memory = memory_of(rss(soak, leak(soak, 1), 1), soak.settings);
  EXPECT_EQ(memory.verdict, Verdict::inconclusive);
  EXPECT_THAT(memory.reason, testing::HasSubstr("too soon after it"));
}

TEST(Settle, FailsNothingByAFillThatEndsWithinIt) {
  Soak soak = real_time();
  soak.settings.settle_s = 60 * 60;
  const auto fills = [by_now = leak(soak, 3)](double minute) { return by_now(std::min(minute, 55.0)); };
  EXPECT_NE(memory_of(rss(soak, fills, 1), soak.settings).verdict, Verdict::fail);
  EXPECT_EQ(memory_of(rss(soak, leak(soak, 3), 1), soak.settings).verdict, Verdict::fail);
}

TEST(RssThatNeverMoves, PassesAfterAnHour) {
  const Soak soak = real_time();
  const MetricVerdict memory = memory_of(rss(soak, flat(), 1, {0, 0}), soak.settings);
  EXPECT_EQ(memory.verdict, Verdict::pass);
  EXPECT_EQ(memory.decided_at_s, 60 * 60);
}

TEST(RssThatNeverMoves, MayBeALeakThatFreeMemoryHides) {
  const Soak soak = real_time();
  const MetricVerdict memory = memory_of(rss(soak, leak(soak, 1, 45), 1, {0, 0}), soak.settings);
  EXPECT_EQ(memory.verdict, Verdict::fail);
}

TEST(RssDrift, FindsALeakWithinFortyMinutes) {
  const Soak soak = real_time();
  const MetricVerdict memory = memory_of(rss(soak, leak(soak, 1), 4), soak.settings);
  ASSERT_EQ(memory.verdict, Verdict::fail);
  EXPECT_LE(*memory.decided_at_s, 40 * 60);
  EXPECT_NEAR(*memory.drift_per_day, memory.limit, 0.4 * memory.limit);
}

TEST(RssDrift, SpeaksPerProductionDayWhenCompressed) {
  const Soak soak = compressed();
  const MetricVerdict memory = memory_of(rss(soak, leak(soak, 1), 4), soak.settings);
  ASSERT_EQ(memory.verdict, Verdict::fail);
  EXPECT_LE(*memory.decided_at_s, 60);
  EXPECT_NEAR(*memory.drift_per_day, 90e6, 10e6);
}

TEST(RssDrift, FindsALeakThatStartsHoursLater) {
  Soak soak = real_time();
  soak.settings.time_s = 8 * 3600;
  soak.settings.stop = Stop::fail;
  soak.sample_s = 5;
  const MetricVerdict memory = memory_of(rss(soak, creep() + leak(soak, 2, 240), 5), soak.settings);
  ASSERT_EQ(memory.verdict, Verdict::fail);
  EXPECT_GT(*memory.decided_at_s, 240 * 60);
}

TEST(RssDrift, IsInconclusiveWhenTooShortForItsLimit) {
  Soak soak = real_time();
  soak.settings.time_s = 600;
  soak.settings.warmup_s = 75;
  soak.settings.settle_s = 200;
  EXPECT_GT(plan_memory(soak.settings).limit_found_per_day, 3 * soak.settings.memory.fail);
  for (const double limits : {0.0, 1.0}) {
    Recording recording = rss(soak, flat(), 6, {5e3, 5e3});
    for (std::size_t i = 0; i < recording.time_s.size(); ++i)
      recording.rss_bytes[i] += std::floor(soak.bytes_per_s(limits) * recording.time_s[i] / 4096) * 4096;
    EXPECT_EQ(memory_of(recording, soak.settings).verdict, Verdict::inconclusive) << limits;
  }
}

TEST(RssDrift, StillFailsManyTimesItsLimitWhenShort) {
  Soak soak = real_time();
  soak.settings.time_s = 600;
  soak.settings.warmup_s = 75;
  soak.settings.settle_s = 200;
  Recording recording = rss(soak, flat(), 6);
  for (std::size_t i = 0; i < recording.time_s.size(); ++i)
    recording.rss_bytes[i] += std::floor(soak.bytes_per_s(20) * recording.time_s[i] / 4096) * 4096;
  const MetricVerdict memory = memory_of(recording, soak.settings);
  EXPECT_EQ(memory.verdict, Verdict::fail);
  expect_numbers_agree(memory);
}

TEST(RssDrift, NeverFailsBeforeSettle) {
  Soak soak = real_time();
  soak.settings.settle_s = 5400;
  const MetricVerdict memory = memory_of(rss(soak, leak(soak, 2), 7), soak.settings);
  ASSERT_EQ(memory.verdict, Verdict::fail);
  EXPECT_GE(*memory.decided_at_s, 5400);
}

TEST(RssDrift, NeverFailsWithinALongWarmup) {
  Soak soak = real_time();
  const Recording recording = rss(soak, leak(soak, 2), 8);
  soak.settings.warmup_s = 3600;
  const MetricVerdict memory = memory_of(recording, soak.settings);
  ASSERT_EQ(memory.verdict, Verdict::fail);
  EXPECT_GE(*memory.decided_at_s, 3600);
}

TEST(RssDrift, FailsAboveANarrowToleranceToo) {
  Soak soak = real_time();
  soak.settings.memory.tolerate = 0.9 * soak.settings.memory.fail;
  soak.settings.stop = Stop::fail;
  EXPECT_EQ(memory_of(rss(soak, leak(soak, 2), 9), soak.settings).verdict, Verdict::fail);
  EXPECT_NE(memory_of(rss(soak, leak(soak, 0.6), 9), soak.settings).verdict, Verdict::fail);
}

TEST(RssDrift, HardlyEverFailsToleratedDriftUnderASawtooth) {
  const Soak soak = real_time();
  int failed = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Course teeth = sawtooth(4e6, 7);
    const Course course = [&](double minute) {
      return leak(soak, 0.5)(minute) + teeth(minute + 0.35 * seed);
    };
    if (memory_of(rss(soak, course, 77 + seed), soak.settings).verdict == Verdict::fail) ++failed;
  }
  EXPECT_LE(failed, 1);
}

TEST(RssDrift, DoesNotPassGrowthOfManyLimitsThatHasJustEnded) {
  const Soak soak = real_time();
  EXPECT_EQ(memory_of(rss(soak, step(20e6, 25), 12), soak.settings).verdict, Verdict::inconclusive);
}

TEST(PlanMemory, ScalesWithAShorterWarmupOnlyWhenCompressed) {
  EXPECT_EQ(plan_memory(real_time().settings).first_look_s, 1800);
  JudgeSettings settings;
  settings.warmup_s = 20;
  EXPECT_EQ(plan_memory(settings).first_look_s, 1800);
  EXPECT_NEAR(plan_memory(compressed().settings).first_look_s, 40, 1e-9);
  EXPECT_EQ(plan_memory(compressed().settings).limit_found_per_day, 90e6);
}

TEST(PlanMemory, LooksFirstAtTwiceALongWarmupOrAsLateAsTimeAllows) {
  JudgeSettings settings;
  settings.warmup_s = 3600;
  settings.time_s = 8 * 3600;
  EXPECT_EQ(plan_memory(settings).first_look_s, 7200);
  settings.time_s = 7200;
  EXPECT_EQ(plan_memory(settings).needed_s, 7200);
  EXPECT_EQ(plan_memory(settings).limit_found_per_day, settings.memory.fail);
}

TEST(PlanMemory, FitsIntoWhateverTimeThereIs) {
  JudgeSettings settings;
  for (const double time_s : {0.0, 10.0, 600.0}) {
    settings.time_s = time_s;
    const MemoryPlan plan = plan_memory(settings);
    EXPECT_GT(plan.minute_s, 0);
    EXPECT_LE(plan.needed_s, std::max(1.0, time_s) * 4000);
    EXPECT_LT(plan.first_look_s, std::max(1.0, time_s));
    EXPECT_GT(plan.limit_found_per_day, settings.memory.fail);
  }
}

}  // namespace
}  // namespace soakline
