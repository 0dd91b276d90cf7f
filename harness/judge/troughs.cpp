#include "harness/judge/troughs.hpp"

#include <algorithm>
#include <cmath>

namespace soakline {

std::vector<Point> troughs(std::span<const Point> points, double height) {
  std::vector<Point> found;
  if (points.empty()) return found;
  Point low = points.front(), high = points.front();
  bool falling = false;
  for (const Point& p : points) {
    if (falling) {
      if (p.value <= low.value) low = p;
      if (p.value - low.value >= height) {
        found.push_back(low);
        falling = false;
        high = p;
      }
    } else {
      if (p.value >= high.value) high = p;
      if (high.value - p.value >= height) {
        falling = true;
        low = p;
      }
    }
  }
  return found;
}

std::vector<double> pair_slopes(std::span<const Point> points) {
  std::vector<double> slopes;
  // Pairs grow with the square of the points: of more than 128 points, a like share of every one's pairs is
  // enough.
  const std::size_t stride = 1 + points.size() * points.size() / 16'384;
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1 + i % stride; j < points.size(); j += stride)
      slopes.push_back((points[j].value - points[i].value) / (points[j].time_s - points[i].time_s));
  std::sort(slopes.begin(), slopes.end());
  return slopes;
}

double quantile(std::span<const double> sorted, double share) {
  return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

}  // namespace soakline
