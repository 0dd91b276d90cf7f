// The form of a curve in a word, for people to recognise it by. No verdict rests on it.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/judge/blocks.hpp"
#include "harness/judge/verdict.hpp"

namespace soakline {

// A curve and what it is measured by.
struct GrowthCurve {
  std::vector<Point> points;
  std::vector<double> operations;  // done by the time of each point; empty where nobody counted
  double least_rise = 0;           // what a curve must rise by to be more than flat
  double least_tooth = 0;          // depth of a tooth
  double slow_per_s = 0;           // who grows by less is no longer filling
};

struct Form {
  Shape shape;
  // Of what fills: the time from which it will grow by less than slow_per_s, by the exponential that fits
  // best.
  std::optional<double> full_s;
};

// The simplest that fits: a straight line must halve the squares of a level, and anything else those of the
// line. Nothing for fewer than ten points.
std::optional<Form> form_of(const GrowthCurve& curve);

}  // namespace soakline
