#include "harness/judge/poisson_evidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace soakline {
namespace {

// The mean over Poisson's law, as far as its terms matter and are finite.
double mean_evidence(double rate, double expected) {
  double mean = 0, logarithm = -rate;
  for (int seen = 0; seen < 165; ++seen) {
    if (seen > 0) logarithm += std::log(rate / seen);
    mean += std::exp(logarithm) * evidence_of(seen, expected);
  }
  return mean;
}

TEST(PoissonEvidence, IsOneOnAverageUnderTheExpectedRateAndLessUnderLowerOnes) {
  for (const double expected : {0.1, 0.5, 1.5}) {
    EXPECT_NEAR(mean_evidence(expected, expected), 1, 1e-6) << expected;
    EXPECT_LT(mean_evidence(0.9 * expected, expected), 1) << expected;
  }
}

TEST(PoissonEvidence, SpeaksAgainstARateThatCountsExceed) {
  EXPECT_GT(evidence_of(40, 10), 1e6);
  EXPECT_LT(evidence_of(10, 10), 1);
  EXPECT_LT(evidence_of(0, 10), 1);
}

TEST(PoissonEvidence, OfBytesIsThatOfAsManyBlocks) {
  const double seconds = 100, block = 64, blocks = 40;
  const double rate = blocks * block / seconds, variance = blocks * block * block / seconds / seconds;
  EXPECT_NEAR(evidence_of_rate(rate, variance, rate / 4) / evidence_of(blocks, blocks / 4), 1, 1e-9);
  EXPECT_EQ(evidence_of_rate(0, 1, 1), 0);
}

TEST(PoissonEvidence, NamesTheLeastRateThatHasAsMuch) {
  const double least = least_rate_of_evidence(4000, 0.5, 10);
  EXPECT_NEAR(evidence_of_rate(least, 0.5 * least, 10), 4000, 1);
  EXPECT_LT(evidence_of_rate(0.99 * least, 0.5 * 0.99 * least, 10), 4000);
}

}  // namespace
}  // namespace soakline
