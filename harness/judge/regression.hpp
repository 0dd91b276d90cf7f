// Straight lines through blocks: slope, its variance under autocorrelation, and its slope beside a nuisance.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "harness/judge/blocks.hpp"

namespace soakline {

// value = level + slope · (time - centre); units of value per second.
struct Trend {
  std::size_t points = 0;
  double centre_s = 0;
  double level = 0;
  double slope = 0;
  double time_squares = 0;     // sum of the squared distances of the times from centre_s
  double residual_spread = 0;  // standard deviation of the residuals
};

// Ordinary least squares; nothing for fewer than three points.
std::optional<Trend> fit_trend(std::span<const Point> points);

// Two-sided half-width of the slope's interval where the residuals are independent, as those of troughs
// nearly are.
double independent_half_width(const Trend& trend, double confidence);

struct Line : Trend {
  double variance = 0;  // of the slope, robust against autocorrelation
};

// The same with a variance: it is the larger of a fixed-b estimate by eight cosines (Lazarus, Lewis and
// Stock 2018) and one of a first-order autoregression whose persistence is bounded from above, plus the
// rounding of values to `quantum`. Nothing for fewer than nine points: eight cosines need as many degrees of
// freedom.
std::optional<Line> fit_line(std::span<const Point> points, double quantum);

// The same for series that may wander for as long as they are observed, as what a cache holds does: the
// autoregression's persistence is taken from its decay where that says more than its first lag, two standard
// errors up, and its innovations are propagated through the slope's weights.
std::optional<Line> fit_wandering_line(std::span<const Point> points, double quantum);

// Two-sided half-width of the slope's interval at `confidence`, from Student's t with eight degrees of
// freedom.
double half_width(const Line& line, double confidence);

// Slope of time beside one further regressor, and that regressor's coefficient.
struct SlopeBeside {
  double slope;
  double coefficient;
};
std::optional<SlopeBeside> fit_beside(std::span<const Point> points, std::span<const double> nuisance);

// Least slope that remains beside each curve by which a warm-up may bend: log t, log(t - shift), exp(-t/tau).
// Curves that would bend upwards are no warm-up and are passed over.
double least_slope_beside_warmup(std::span<const Point> points, double now_s, double shift_s);

// Whether the slope falls from the earlier half to the later one, by a fifth and two standard errors: what
// fills, fills ever more slowly.
bool slows_down(std::span<const Point> points, double quantum);

// Least slope that remains beside one step, at any of nine places.
double least_slope_beside_step(std::span<const Point> points);

}  // namespace soakline
