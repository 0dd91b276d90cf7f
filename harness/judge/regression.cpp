#include "harness/judge/regression.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include <boost/math/distributions/students_t.hpp>

namespace soakline {
namespace {

constexpr int cosines = 8;

double square(double x) {
  return x * x;
}

double autocorrelation(std::span<const double> residuals) {
  double sum = 0, product = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    sum += square(residuals[i]);
    if (i > 0) product += residuals[i] * residuals[i - 1];
  }
  return sum > 0 ? product / sum : 0;
}

// n times the mean squared projection of w·r on the first cosines: the fixed-b variance of sum w·r.
double cosine_variance(std::span<const double> scores) {
  const auto n = static_cast<double>(scores.size());
  double sum = 0;
  for (int j = 1; j <= cosines; ++j) {
    // cos(pi j (i + 1/2) / n) by turning a pointer: a long run would spend its time in std::cos.
    const std::complex<double> turn = std::polar(1.0, std::numbers::pi * j / n);
    std::complex<double> pointer = std::polar(1.0, std::numbers::pi * j / n / 2);
    double projection = 0;
    for (const double score : scores) {
      projection += score * pointer.real();
      pointer *= turn;
    }
    sum += square(std::sqrt(2 / n) * projection);
  }
  return n * sum / cosines;
}

}  // namespace

std::optional<Trend> fit_trend(std::span<const Point> points) {
  if (points.size() < 3) return std::nullopt;
  const auto n = static_cast<double>(points.size());
  Trend line;
  line.points = points.size();
  for (const Point& p : points) {
    line.centre_s += p.time_s / n;
    line.level += p.value / n;
  }
  double product = 0;
  for (const Point& p : points) {
    line.time_squares += square(p.time_s - line.centre_s);
    product += (p.time_s - line.centre_s) * (p.value - line.level);
  }
  if (line.time_squares <= 0) return std::nullopt;
  line.slope = product / line.time_squares;
  double squares = 0;
  for (const Point& p : points)
    squares += square(p.value - line.level - line.slope * (p.time_s - line.centre_s));
  line.residual_spread = std::sqrt(squares / (n - 2));
  return line;
}

std::optional<Line> fit_line(std::span<const Point> points, double quantum) {
  if (points.size() < cosines + 1) return std::nullopt;
  const auto trend = fit_trend(points);
  if (!trend) return std::nullopt;
  Line line{*trend};
  const auto n = static_cast<double>(points.size());
  const double s2 = square(line.residual_spread);
  std::vector<double> residuals, scores;
  residuals.reserve(points.size());
  scores.reserve(points.size());
  for (const Point& p : points) {
    residuals.push_back(p.value - line.level - line.slope * (p.time_s - line.centre_s));
    scores.push_back((p.time_s - line.centre_s) / line.time_squares * residuals.back());
  }
  // (2 + 4 r1)/n undoes the bias of r1 in short series; 0.985 bounds persistence at the 350-470 s seen in
  // RSS.
  const double r1 = autocorrelation(residuals);
  const double phi = std::clamp(r1 + (2 + 4 * r1) / n, 0.0, 0.985);
  const double autoregressive = s2 * (1 + phi) / (1 - phi) / line.time_squares;
  line.variance =
      std::max(cosine_variance(scores), autoregressive) + quantum * quantum / 6 / line.time_squares;
  return line;
}

double independent_half_width(const Trend& trend, double confidence) {
  const boost::math::students_t t(static_cast<double>(trend.points - 2));
  return boost::math::quantile(boost::math::complement(t, (1 - confidence) / 2)) * trend.residual_spread /
         std::sqrt(trend.time_squares);
}

double half_width(const Line& line, double confidence) {
  const boost::math::students_t t(cosines);
  return boost::math::quantile(boost::math::complement(t, (1 - confidence) / 2)) * std::sqrt(line.variance);
}

std::optional<SlopeBeside> fit_beside(std::span<const Point> points, std::span<const double> nuisance) {
  if (points.size() < 4 || nuisance.size() != points.size()) return std::nullopt;
  const auto n = static_cast<double>(points.size());
  double mt = 0, mv = 0, mx = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    mt += points[i].time_s / n;
    mv += points[i].value / n;
    mx += nuisance[i] / n;
  }
  double tt = 0, tx = 0, xx = 0, tv = 0, xv = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double t = points[i].time_s - mt, x = nuisance[i] - mx, v = points[i].value - mv;
    tt += t * t;
    tx += t * x;
    xx += x * x;
    tv += t * v;
    xv += x * v;
  }
  const double determinant = tt * xx - tx * tx;
  if (!(determinant > 1e-12 * tt * xx)) return std::nullopt;
  return SlopeBeside{(tv * xx - xv * tx) / determinant, (xv * tt - tv * tx) / determinant};
}

double least_slope_beside_warmup(std::span<const Point> points, double now_s, double shift_s) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<double> curve(points.size());
  // sign: the coefficient with which the curve flattens out, as a warm-up does.
  const auto beside = [&](double sign, auto&& f) {
    std::transform(points.begin(), points.end(), curve.begin(), [&](const Point& p) { return f(p.time_s); });
    const auto fit = fit_beside(points, curve);
    if (fit && sign * fit->coefficient > 0) least = std::min(least, fit->slope);
  };
  beside(+1, [](double t) { return std::log(t); });
  if (!points.empty() && points.front().time_s > shift_s)
    beside(+1, [=](double t) { return std::log(t - shift_s); });
  for (const double part : {12.0, 6.0, 3.0, 2.0})
    beside(-1, [=](double t) { return std::exp(-t / (now_s / part)); });
  return least;
}

}  // namespace soakline
