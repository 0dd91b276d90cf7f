// What the calibration relies on: that a life leaks what was asked for and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include "calibration/parts.hpp"
#include "calibration/whole_life.hpp"

namespace soakline {

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

void PrintTo(const LeakShape& shape, std::ostream* out) {
  *out << shape.name;
}

namespace {

using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

LifeSettings life_of(std::string_view kind, std::uint32_t minutes) {
  LifeSettings settings;
  settings.kind = find_kind(kind);
  settings.shape = find_leak_shape("steady");
  settings.seconds = minutes * 60;
  settings.readings.walk_every_s = 0;
  settings.readings.every_s = 3600;  // free lists of many lives in one process are long to read

  return settings;
}

// Live bytes at every second.
std::vector<double> lived(const LifeSettings& settings) {
  WholeLife whole(settings);
  std::vector<double> live;
  whole.live([&](std::uint32_t) { live.push_back(static_cast<double>(whole.life().live().total())); });
  return live;
}

double mean(const std::vector<double>& values, std::uint32_t from_minute, std::uint32_t to_minute) {
  const auto begin = values.begin() + from_minute * 60, end = values.begin() + to_minute * 60;
  return std::accumulate(begin, end, 0.0) / static_cast<double>(end - begin);
}

std::string word(std::string_view name) {
  std::string word(name);
  std::replace(word.begin(), word.end(), '-', '_');
  return word;
}

TEST(CalibrationLife, IsTheSameForASeed) {
  for (const char* kind : {"server", "elastic-pool"}) {
    LifeSettings settings = life_of(kind, 15);
    settings.leak = 1;
    EXPECT_EQ(lived(settings), lived(settings)) << kind;
  }
}

TEST(CalibrationLife, DiffersBetweenSeeds) {
  LifeSettings one = life_of("agent", 5), other = one;
  other.seed = 2;
  EXPECT_NE(lived(one), lived(other));
}

TEST(CalibrationLife, IsApartFromItsLeakTheCleanOneOfItsSeed) {
  LifeSettings clean = life_of("wave", 30), leaking = clean;
  leaking.leak = 1;
  WholeLife whole(leaking);
  whole.live();
  EXPECT_EQ(static_cast<double>(whole.life().live().total()) - whole.life().leaked_bytes(),
            lived(clean).back());
}

TEST(CalibrationLife, BooksOfItDoNotLieInTheHeap) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's allocator is not glibc's";
#endif
  const LifeSettings settings = life_of("interning", 10);
  WholeLife whole(settings);
  const auto before = static_cast<double>(mallinfo2().uordblks);
  whole.live();
  const auto grown = static_cast<double>(mallinfo2().uordblks) - before;
  // Chunks are 8 bytes larger than what is usable of them; what waits in the thread's cache, before or after,
  // counts as used.
  constexpr double cached = 128 * 1024;
  const auto live = static_cast<double>(whole.life().live().total());
  EXPECT_THAT(grown, AllOf(Ge(live - cached), Le(1.2 * live + cached)));
}

TEST(Buffer, GrowsByItsFactorAndIsShrunkToWhatWasWritten) {
  WholeLife whole(life_of("agent", 1));
  Buffer buffer(whole.life(), 200, 1.5);
  buffer.append(190);
  EXPECT_EQ(whole.life().live().total(), rounded_by_malloc(200));
  buffer.append(200);
  EXPECT_EQ(whole.life().live().total(), rounded_by_malloc(450));
  const Block taken = buffer.take();
  EXPECT_EQ(whole.life().live().total(), rounded_by_malloc(390));
}

TEST(Spells, ComeAndPassInTheirShareOfTheTime) {
  WholeLife whole(life_of("agent", 1440));
  Spells spells(90, 20, 40);
  double on_s = 0;
  for (std::uint32_t second = 0; second < 1440 * 60; ++second) {
    whole.life().run_until(second);
    on_s += spells.on(whole.life());
  }
  EXPECT_NEAR(on_s / (1440 * 60), 30.0 / (90 + 30), 0.025);
}

TEST(AgedBytes, OfASteadyLeakGrowAtItsRate) {
  LifeSettings settings = life_of("agent", 90);
  settings.leak = 2;
  WholeLife whole(settings);
  std::vector<double> aged;
  whole.live([&](std::uint32_t second) {
    const std::uint32_t before = second - std::min(second, 300U);
    aged.push_back(static_cast<double>(whole.life().live().born_between(900, before)));
  });
  EXPECT_THAT(std::vector(aged.begin(), aged.begin() + 20 * 60), Each(0.0));
  EXPECT_NEAR((aged.back() - aged[30 * 60]) / (60 * 60 - 1), 2 * limit_bytes_per_s,
              0.02 * 2 * limit_bytes_per_s);
}

class EveryLeakShape : public testing::TestWithParam<LeakShape> {};

TEST_P(EveryLeakShape, LeaksAsManyLiveBytesAsAskedFor) {
  for (const char* kind : {"agent", "collected-regular"}) {
    LifeSettings settings = life_of(kind, 120);
    settings.shape = &GetParam();
    settings.leak = 8;
    settings.delay_s = 15 * 60;
    WholeLife whole(settings);
    whole.live();
    const double expected = 8 * limit_bytes_per_s * 105 * 60;
    EXPECT_NEAR(whole.life().leaked_bytes(), expected, 0.02 * expected) << kind;
  }
}

TEST_P(EveryLeakShape, ComesWithEverySeed) {
  LifeSettings settings = life_of("agent", 120);
  settings.shape = &GetParam();
  settings.leak = 1;
  for (settings.seed = 1; settings.seed <= 8; ++settings.seed) {
    WholeLife whole(settings);
    whole.live();
    EXPECT_GT(whole.life().leaked_bytes(), 0.45 * limit_bytes_per_s * settings.seconds) << settings.seed;
  }
}

TEST_P(EveryLeakShape, IsAllInTheLiveBytes) {
  LifeSettings settings = life_of("agent", 60);
  const double clean = lived(settings).back();
  settings.shape = &GetParam();
  settings.leak = 1;
  WholeLife whole(settings);
  whole.live();
  const double more = static_cast<double>(whole.life().live().total()) - clean;
  const double leaked = whole.life().leaked_bytes();
  if (GetParam().name == "container")  // the room is up to twice what is in it
    EXPECT_THAT(more, AllOf(Ge(leaked), Le(2 * leaked)));
  else
    EXPECT_EQ(more, leaked);
}

INSTANTIATE_TEST_SUITE_P(Of, EveryLeakShape, testing::ValuesIn(leak_shapes().begin(), leak_shapes().end()),
                         [](const auto& of) { return word(of.param.name); });

std::vector<Kind> kinds_but(const std::vector<std::string_view>& those) {
  std::vector<Kind> others(kinds().begin(), kinds().end());
  std::erase_if(others,
                [&](const Kind& kind) { return std::count(those.begin(), those.end(), kind.name) > 0; });
  return others;
}

std::vector<Kind> collected_kinds() {
  std::vector<Kind> collected(kinds().begin(), kinds().end());
  std::erase_if(collected, [](const Kind& kind) { return kind.group != Group::collected; });
  return collected;
}

class EveryKindThatIsNotToGrow : public testing::TestWithParam<Kind> {};

TEST_P(EveryKindThatIsNotToGrow, IsFullAfterSixMinutes) {
  const std::uint64_t seeds = GetParam().group == Group::fresh ? 2 : 1;
  LifeSettings settings = life_of(GetParam().name, 120);
  double early = 0, late = GetParam().name == "wave" ? -1.01 * 1024 * 1024 : 0;  // it is meant to
  for (settings.seed = 1; settings.seed <= seeds; ++settings.seed) {
    const std::vector<double> live = lived(settings);
    early += mean(live, 6, 60);
    late += mean(live, 66, 120);
  }
  EXPECT_LE(late, 1.06 * early + 64 * 1024);
}

INSTANTIATE_TEST_SUITE_P(Of, EveryKindThatIsNotToGrow,
                         testing::ValuesIn(kinds_but({"steps", "plateau-after-long-fill", "slow-fill"})),
                         [](const auto& of) { return word(of.param.name); });

class EveryCollectedKind : public testing::TestWithParam<Kind> {};

TEST_P(EveryCollectedKind, UsesNoMalloc) {
  WholeLife whole(life_of(GetParam().name, 60));
  const auto before = mallinfo2();
  whole.live();
  EXPECT_EQ(mallinfo2().uordblks, before.uordblks);
  EXPECT_EQ(whole.life().live().total(), 0);
}

INSTANTIATE_TEST_SUITE_P(Of, EveryCollectedKind, testing::ValuesIn(collected_kinds()),
                         [](const auto& of) { return word(of.param.name); });

TEST(Kinds, AreHeldBackFromTuningByFourInTen) {
  const auto count = [](Group group) {
    return std::count_if(kinds().begin(), kinds().end(),
                         [&](const Kind& kind) { return kind.group == group; });
  };
  const auto held_back = count(Group::report) + count(Group::fresh);
  EXPECT_GE(5 * held_back, 2 * (held_back + count(Group::tune)));
}

}  // namespace
}  // namespace soakline
