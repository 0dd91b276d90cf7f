#include "harness/judge/regression.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numbers>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>

namespace soakline {
namespace {

using testing::DoubleNear;

template <class F>
std::vector<Point> points(int count, double every_s, F&& value) {
  std::vector<Point> result;
  for (int i = 1; i <= count; ++i) result.push_back({every_s * i, value(every_s * i)});
  return result;
}

// Noise that remembers itself for `memory_s`.
class Wander {
 public:
  Wander(std::uint32_t seed, double memory_s) : random_(seed), keep_(std::exp(-30 / memory_s)) {}
  double operator()(double) {
    return state_ = keep_ * state_ + std::sqrt(1 - keep_ * keep_) * normal_(random_);
  }

 private:
  boost::random::mt19937 random_;
  boost::random::normal_distribution<> normal_;
  double keep_;
  double state_ = normal_(random_);
};

TEST(FitLine, FindsTheSlopeOfALine) {
  const auto line = fit_line(points(20, 30, [](double t) { return 5 + 0.25 * t; }), 0);
  ASSERT_TRUE(line);
  EXPECT_THAT(line->slope, DoubleNear(0.25, 1e-12));
  EXPECT_THAT(line->centre_s, DoubleNear(315, 1e-9));
  EXPECT_THAT(line->level, DoubleNear(5 + 0.25 * 315, 1e-9));
  EXPECT_THAT(line->residual_spread, DoubleNear(0, 1e-9));
}

TEST(FitLine, NeedsNinePointsAtDifferentTimes) {
  EXPECT_FALSE(fit_line(points(8, 30, [](double t) { return t; }), 0));
  EXPECT_TRUE(fit_line(points(9, 30, [](double t) { return t; }), 0));
  EXPECT_FALSE(fit_line(points(9, 0, [](double) { return 1.0; }), 0));
}

TEST(FitLine, GivesTheUncertaintyOfRoundingToAFlatLine) {
  const auto flat = points(30, 30, [](double) { return 8192.0; });
  EXPECT_NEAR(fit_line(flat, 0)->variance, 0, 1e-20);
  EXPECT_THAT(fit_line(flat, 4096)->variance,
              DoubleNear(4096.0 * 4096 / 6 / (900 * (30 * 899) / 12.0), 1e-9));
}

TEST(FitLine, IgnoresAConstantAndFollowsAScale) {
  const auto noisy = points(40, 30, Wander(1, 200));
  auto shifted = noisy, scaled = noisy;
  for (Point& p : shifted) p.value += 1000;
  for (Point& p : scaled) p.value *= 8;
  const auto line = fit_line(noisy, 1), same = fit_line(shifted, 1), larger = fit_line(scaled, 8);
  EXPECT_THAT(same->slope, DoubleNear(line->slope, 1e-12));
  EXPECT_THAT(same->variance / line->variance, DoubleNear(1, 1e-9));
  EXPECT_THAT(larger->slope, DoubleNear(8 * line->slope, 1e-12));
  EXPECT_THAT(larger->variance / line->variance, DoubleNear(64, 1e-9));
}

TEST(FitLine, NearlyHoldsItsLevelUnderAutocorrelation) {
  int outside = 0, outside_if_independent = 0;
  const int trials = 400;
  for (int seed = 0; seed < trials; ++seed) {
    const auto line = fit_line(points(60, 30, Wander(seed, 200)), 0);
    if (std::abs(line->slope) > half_width(*line, 0.99)) ++outside;
    if (std::abs(line->slope) > independent_half_width(*line, 0.99)) ++outside_if_independent;
  }
  EXPECT_LE(outside, trials * 6 / 100);  // 1 % where noise is short, some 4 % at this memory
  EXPECT_GE(outside_if_independent, trials * 30 / 100);
}

TEST(FitLine, HoldsItsLevelUnderShortNoise) {
  int outside = 0;
  for (int seed = 0; seed < 400; ++seed) {
    const auto line = fit_line(points(60, 30, Wander(seed, 10)), 0);
    if (std::abs(line->slope) > half_width(*line, 0.99)) ++outside;
  }
  EXPECT_LE(outside, 8);
}

TEST(FitLine, SeesASlowWaveUnderFastNoise) {
  // The fast noise hides the wave from the autocorrelation of neighbours, not from the cosines.
  const auto both = points(60, 30, [](double t) {
    return 10 * std::cos(std::numbers::pi * t / 30) + 10 * std::sin(2 * std::numbers::pi * t / 1800);
  });
  const auto line = fit_line(both, 0);
  EXPECT_GT(std::sqrt(line->variance), 1.3 * line->residual_spread / std::sqrt(line->time_squares));
}

TEST(FitLine, IsNotWidenedByPersistenceWithoutBound) {
  // A random walk looks like persistence one; the bound keeps the interval finite.
  double sum = 0;
  const auto walk = points(60, 30, [&, step = Wander(3, 1)](double t) mutable { return sum += step(t); });
  EXPECT_TRUE(std::isfinite(half_width(*fit_line(walk, 0), 0.99)));
}

TEST(HalfWidth, IsStudentsTWithEightDegreesOfFreedom) {
  Line line;
  line.variance = 4;
  EXPECT_THAT(half_width(line, 0.99), DoubleNear(2 * 3.355387, 1e-5));
  EXPECT_THAT(half_width(line, 0.95), DoubleNear(2 * 2.306004, 1e-5));
}

TEST(IndependentHalfWidth, HasTwoDegreesOfFreedomLessThanPoints) {
  Trend trend;
  trend.points = 5;
  trend.residual_spread = 3;
  trend.time_squares = 9;
  EXPECT_THAT(independent_half_width(trend, 0.99), DoubleNear(5.840909, 1e-5));
}

TEST(FitTrend, NeedsThreePointsOnly) {
  EXPECT_FALSE(fit_trend(points(2, 1, [](double t) { return t; })));
  const auto trend = fit_trend(points(3, 1, [](double t) { return 2 * t; }));
  ASSERT_TRUE(trend);
  EXPECT_THAT(trend->slope, DoubleNear(2, 1e-12));
}

TEST(FitBeside, TellsALineFromANuisance) {
  const auto both = points(30, 60, [](double t) { return 7 + 3 * t + 500 * std::log(t); });
  std::vector<double> nuisance;
  nuisance.reserve(both.size());
  for (const Point& p : both) nuisance.push_back(std::log(p.time_s));
  const auto fit = fit_beside(both, nuisance);
  ASSERT_TRUE(fit);
  EXPECT_THAT(fit->slope, DoubleNear(3, 1e-6));
  EXPECT_THAT(fit->coefficient, DoubleNear(500, 1e-3));
}

TEST(FitBeside, RefusesANuisanceThatIsALineItself) {
  const auto line = points(30, 60, [](double t) { return t; });
  std::vector<double> nuisance;
  nuisance.reserve(line.size());
  for (const Point& p : line) nuisance.push_back(2 * p.time_s + 1);
  EXPECT_FALSE(fit_beside(line, nuisance));
  EXPECT_FALSE(fit_beside(line, std::vector<double>(3)));
}

TEST(LeastSlopeBesideWarmup, LeavesNothingOfAWarmup) {
  const auto creep = points(60, 30, [](double t) { return 600e3 * std::log(t); });
  EXPECT_LT(least_slope_beside_warmup(creep, 1800, 0), 1e-3);
  const auto fill = points(60, 30, [](double t) { return -5e6 * std::exp(-t / 300); });
  EXPECT_LT(least_slope_beside_warmup(fill, 1800, 0), 1e-3);
}

TEST(LeastSlopeBesideWarmup, LeavesALeakBesideAWarmup) {
  const auto least = [](double leak) {
    return least_slope_beside_warmup(points(60, 30, [=](double t) { return 600e3 * std::log(t) + leak * t; }),
                                     1800, 0);
  };
  EXPECT_NEAR(least(1042) - least(0), 1042, 1);
}

TEST(LeastSlopeBesideWarmup, PassesOverCurvesThatBendUpwards) {
  const auto rising = points(60, 30, [](double t) { return t * t; });
  EXPECT_EQ(least_slope_beside_warmup(rising, 1800, 0), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace soakline
