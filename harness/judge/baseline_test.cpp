#include "harness/judge/baseline.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

namespace soakline {
namespace {

using testing::DoubleNear;

double half(const Prediction& prediction) {
  return (prediction.high - prediction.low) / 2;
}

TEST(Predict, IsStudentsTOfOneRunFewer) {
  // Spread 1 and mean 0: the half-width is t(n-1) times the root of 1 + 1/n.
  const std::vector<double> five = {-std::sqrt(2), 0, 0, 0, std::sqrt(2)};
  EXPECT_THAT(half(predict(five, 0, 0.01)), DoubleNear(4.604095 * std::sqrt(1.2), 1e-5));
  EXPECT_THAT(half(predict(five, 0, 0.05)), DoubleNear(2.776445 * std::sqrt(1.2), 1e-5));
  EXPECT_THAT(half(predict(five, 0, 0.0001)), DoubleNear(17, 0.2));
  const std::vector<double> ten = {-1.5, -1.5, 0, 0, 0, 0, 0, 0, 1.5, 1.5};
  EXPECT_THAT(half(predict(ten, 0, 0.0001)), DoubleNear(7, 0.1));
}

TEST(Predict, IsNeverNarrowerThanItsFloor) {
  const Prediction identical = predict(std::vector<double>(10, 24.0), 1, 0.0001);
  EXPECT_THAT(identical.mean, DoubleNear(24, 1e-9));
  EXPECT_THAT(identical.low, DoubleNear(23, 1e-9));
  EXPECT_THAT(identical.high, DoubleNear(25, 1e-9));
}

TEST(Predict, LiesAroundTheMean) {
  const Prediction prediction = predict(std::vector<double>{10, 12, 14}, 0, 0.05);
  EXPECT_THAT(prediction.mean, DoubleNear(12, 1e-12));
  EXPECT_THAT(prediction.high - 12, DoubleNear(12 - prediction.low, 1e-9));
}

TEST(Predict, HoldsAnUnchangedProgramAsOftenAsItSays) {
  boost::random::mt19937 random(5);
  boost::random::normal_distribution<> normal(100, 3);
  int outside = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    std::vector<double> accepted(8);
    for (double& value : accepted) value = normal(random);
    const Prediction prediction = predict(accepted, 0, 0.05);
    const double next = normal(random);
    if (next < prediction.low || next > prediction.high) ++outside;
  }
  EXPECT_NEAR(outside, 200, 45);
}

// 40 s at one row a second, warm-up 10 s: levels are read between 10 and 20 s.
Recording steady() {
  Recording recording;
  for (int t = 0; t <= 40; ++t) {
    recording.time_s.push_back(t);
    recording.rss_bytes.push_back(t <= 10 ? 1e6 : t <= 20 ? 50e6 : 90e6);
    recording.threads.push_back(t <= 10 ? 1 : 8);
    recording.descriptors.push_back(30);
    recording.cpu_s.push_back(0.5 * t);
    recording.operations.push_back(100 * t);
  }
  return recording;
}
JudgeSettings ten_seconds() {
  JudgeSettings settings;
  settings.warmup_s = 10;
  return settings;
}
testing::Matcher<const Level&> is_level(const char* quantity, double value, double floor) {
  return testing::AllOf(testing::Field(&Level::quantity, quantity),
                        testing::Field(&Level::value, DoubleNear(value, 1e-9)),
                        testing::Field(&Level::floor, DoubleNear(floor, 1e-9)));
}

TEST(Levels, AreMediansBetweenWarmupAndTwiceWarmup) {
  EXPECT_THAT(
      levels(steady(), ten_seconds()),
      testing::ElementsAre(is_level("plateau memory", 50e6, 8 * 4096), is_level("threads", 8, 1),
                           is_level("descriptors", 30, 1), is_level("cpu per operation", 0.005, 0.0001)));
}

TEST(Levels, CountCpuPerSecondWithoutOperations) {
  Recording idle = steady();
  idle.operations.clear();
  EXPECT_THAT(levels(idle, ten_seconds()), testing::Contains(is_level("cpu per second", 0.5, 0.02)));
  idle.operations.assign(idle.time_s.size(), 7);
  EXPECT_THAT(levels(idle, ten_seconds()), testing::Contains(is_level("cpu per second", 0.5, 0.02)));
}

TEST(Levels, LeaveOutWhatHasNoData) {
  Recording recording = steady();
  recording.descriptors.clear();
  recording.threads.assign(recording.time_s.size(), missing);
  recording.cpu_s.clear();
  EXPECT_THAT(levels(recording, ten_seconds()), testing::ElementsAre(is_level("plateau memory", 50e6, 4096)));
  EXPECT_THAT(levels(Recording{}, ten_seconds()), testing::IsEmpty());
}

TEST(Levels, RelateCpuToOperationsOverTheSameRows) {
  Recording recording = steady();
  for (int t = 11; t < 16; ++t) recording.operations[t] = missing;
  EXPECT_THAT(levels(recording, ten_seconds()),
              testing::Contains(is_level("cpu per operation", 0.005, 0.0001)));
}

TEST(Levels, DoNotMindAGapOrAnOutlier) {
  Recording recording = steady();
  recording.rss_bytes[13] = missing;
  recording.rss_bytes[14] = 900e6;
  EXPECT_THAT(levels(recording, ten_seconds())[0], is_level("plateau memory", 50e6, 8 * 4096));
}

TEST(Levels, AreNotBlurredByOperationsThatAreToldOnceASecond) {
  Recording recording;
  JudgeSettings settings;
  settings.warmup_s = 4;
  for (double t = 0; t <= 9; t += 0.05) {
    recording.time_s.push_back(t);
    recording.cpu_s.push_back(0.5 * t);                           // half a core
    recording.operations.push_back(1000 * std::floor(t + 0.02));  // a thousand a second, in steps
  }
  double each_s = 0;
  for (const Level& level : levels(recording, settings)) {
    if (level.quantity == "cpu per operation") each_s = level.value;
  }
  EXPECT_THAT(each_s, DoubleNear(0.0005, 0.00001));
}

}  // namespace
}  // namespace soakline
