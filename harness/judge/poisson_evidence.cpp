#include "harness/judge/poisson_evidence.hpp"

#include <cmath>
#include <iterator>

namespace soakline {

double evidence_of(double seen, double expected) {
  double sum = 0;
  constexpr double ratios[] = {1.25, 1.5, 2, 3, 4, 8, 16, 64};
  for (const double ratio : ratios) sum += std::exp(seen * std::log(ratio) - (ratio - 1) * expected);
  return sum / static_cast<double>(std::size(ratios));
}

double evidence_of_rate(double rate, double variance, double tolerated) {
  if (rate <= 0 || variance <= 0) return 0;
  const double blocks = rate * rate / variance;
  return evidence_of(blocks, blocks * tolerated / rate);
}

double least_rate_of_evidence(double evidence, double block, double tolerated) {
  double low = tolerated, high = tolerated + 1e3 * block + 1e3 * tolerated;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (evidence_of_rate(middle, block * middle, tolerated) < evidence ? low : high) = middle;
  }
  return high;
}

}  // namespace soakline
