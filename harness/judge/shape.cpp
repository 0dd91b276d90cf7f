#include "harness/judge/shape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/judge/regression.hpp"
#include "harness/judge/troughs.hpp"

namespace soakline {
namespace {

constexpr std::size_t fewest_points = 10;
constexpr std::size_t fewest_teeth = 5;  // as many as the judge asks of a sawtooth
constexpr double simpler = 0.5;          // a richer curve must leave less than this of the squares

// A level and one regressor: what is left of the squares, and by how much it rises over them all.
struct Fit {
  double squares = std::numeric_limits<double>::infinity();
  double coefficient = 0;
  double rise = 0;
};

template <class Regressor>  // of the point's place
Fit fit(std::span<const Point> points, Regressor regressor) {
  std::vector<Point> turned;
  turned.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) turned.push_back({regressor(i), points[i].value});
  const auto trend = fit_trend(turned);
  if (!trend) return {};
  return {trend->residual_spread * trend->residual_spread * static_cast<double>(points.size() - 2),
          trend->slope, trend->slope * (turned.back().time_s - turned.front().time_s)};
}

double squares_of_level(std::span<const Point> points) {
  double mean = 0, squares = 0;
  for (const Point& point : points) mean += point.value / static_cast<double>(points.size());
  for (const Point& point : points) squares += (point.value - mean) * (point.value - mean);
  return squares;
}

Fit best_step(std::span<const Point> points) {
  Fit best;
  for (std::size_t place = 1; place < 20; ++place) {
    const std::size_t at = points.size() * place / 20;
    const Fit step = fit(points, [at](std::size_t i) { return i < at ? 0.0 : 1.0; });
    if (step.squares < best.squares) best = step;
  }
  return best;
}

struct Filling : Fit {
  double tau_s = 0;
};

Filling best_filling(std::span<const Point> points) {
  Filling best;
  const double end_s = points.back().time_s;
  for (const double part : {24.0, 12.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0}) {
    const double tau_s = end_s / part;
    const Fit filling = fit(points, [&](std::size_t i) { return -std::exp(-points[i].time_s / tau_s); });
    if (filling.squares < best.squares) best = {filling, tau_s};
  }
  return best;
}

// Slope of -b·exp(-t/tau) down to `slow_per_s`.
double full_at_s(const Filling& filling, double slow_per_s) {
  return std::max(0.0, filling.tau_s * std::log(filling.coefficient / (filling.tau_s * slow_per_s)));
}

}  // namespace

std::optional<Form> form_of(const GrowthCurve& curve) {
  const std::span<const Point> points = curve.points;
  if (points.size() < fewest_points) return std::nullopt;
  if (troughs(points, curve.least_tooth).size() >= fewest_teeth) return Form{Shape::sawtooth, {}};
  const double level = squares_of_level(points);
  const Fit line = fit(points, [&](std::size_t i) { return points[i].time_s; });
  const Filling filling = best_filling(points);
  // Convex from the start on.
  const double start_s = points.front().time_s;
  const Fit bend = fit(points, [&](std::size_t i) { return std::pow(points[i].time_s - start_s, 2); });
  Fit operations;
  if (curve.operations.size() == points.size())
    operations = fit(points, [&](std::size_t i) { return curve.operations[i]; });
  struct Candidate {
    Shape shape;
    Fit fit;
  };
  Candidate best{Shape::linear, line};
  for (const Candidate& other :
       {Candidate{Shape::per_operation, operations}, Candidate{Shape::step, best_step(points)},
        Candidate{Shape::warming_up, filling}, Candidate{Shape::accelerating, bend}})
    if (other.fit.squares < simpler * line.squares && other.fit.squares < best.fit.squares) best = other;
  if (best.fit.rise < curve.least_rise || best.fit.squares > simpler * level) return Form{Shape::flat, {}};
  if (best.shape == Shape::warming_up) return Form{best.shape, full_at_s(filling, curve.slow_per_s)};
  return Form{best.shape, {}};
}

}  // namespace soakline
