// What is random in a life, from one seed: the same on every machine.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>

namespace soakline {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed * 0x9E37'79B9'7F4A'7C15 + 1) {}

  double uniform(double least, double most) { return least + (most - least) * unit_(random_); }
  std::size_t below(std::size_t end) {
    return static_cast<std::size_t>(uniform(0, static_cast<double>(end)));
  }
  bool happens(double probability) { return unit_(random_) < probability; }
  double exponential(double mean) { return mean * exponential_(random_); }
  double lognormal(double median, double sigma) { return median * std::exp(sigma * normal_(random_)); }
  // Every doubling as likely as any other: how sizes of objects are spread.
  double log_uniform(double least, double most) { return least * std::pow(most / least, unit_(random_)); }
  double pareto(double least, double shape) { return least * std::pow(1 - unit_(random_), -1 / shape); }

 private:
  boost::random::mt19937_64 random_;
  boost::random::uniform_01<double> unit_;
  boost::random::exponential_distribution<double> exponential_;
  boost::random::normal_distribution<double> normal_;
};

}  // namespace soakline
