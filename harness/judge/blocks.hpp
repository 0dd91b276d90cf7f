// Minima, maxima and means of a column over equal blocks of time: the staircase of RSS without its noise, in
// bounded memory.
#pragma once

#include <span>
#include <vector>

namespace soakline {

struct Point {
  double time_s;
  double value;
};

class Blocks {
 public:
  // Block i covers [i, i+1) times width_s, counted from the moment the target was ready.
  explicit Blocks(double width_s) : width_s_(width_s) {}

  // Rows must come in the order of time; those before zero and missing values are passed over.
  void add(double time_s, double value);

  double width_s() const { return width_s_; }
  // Blocks that ended by time_s; NaN where a block has no sample.
  std::size_t complete(double time_s) const;
  double min(std::size_t block) const { return min_[block]; }

  // Least value in [from_s, to_s), NaN where more than a tenth of its blocks is missing.
  double min_over(double from_s, double to_s) const;
  // Minima of `group` blocks each over [from_s, to_s), at the middle of each group; groups without data are
  // left out.
  std::vector<Point> minima(double from_s, double to_s, std::size_t group) const;
  // Means of single blocks over [from_s, to_s), at their middles; blocks without data are left out.
  std::vector<Point> means(double from_s, double to_s) const;
  // Largest fall of the minima below an earlier one, and the largest fall within `span` blocks inside
  // [from_s, to_s).
  double drawdown(double from_s, double to_s) const;
  double largest_drop(double from_s, double to_s, std::size_t span) const;

 private:
  struct Range {
    std::size_t first, last;
  };
  Range range(double from_s, double to_s) const;

  double width_s_;
  std::vector<double> min_, max_, sum_;
  std::vector<unsigned> samples_;
};

}  // namespace soakline
