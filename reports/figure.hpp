// What a plot shows, before anybody draws it: curves, a fitted drift, shaded spans and marked moments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/series.hpp"

namespace soakline {

// Roles rather than colours: the page says how each looks by day and by night.
enum class Ink { axis, grid, text, warmup, first, second, third, drift, limit, mark, fault };

struct Curve {
  Trace points;  // seconds of the soak and values in the figure's unit
  Ink ink = Ink::first;
  std::string name;
};

// A line through (centre_s, level) with a slope per second and the slopes of its interval.
struct DriftLine {
  double from_s = 0, to_s = 0, centre_s = 0, level = 0;
  double slope = 0;
  std::optional<double> low_slope, high_slope;
};

struct LimitLine {
  double from_s = 0, to_s = 0, level = 0, slope = 0;
};

struct Mark {
  double time_s = 0;
  std::string text;
};

struct Band {
  double from_s = 0, to_s = 0;
};

struct Figure {
  std::string id;           // letters, digits and dashes; unique on a page
  std::string title;        // "Memory"
  std::string unit;         // of the values: "MB", "" for counts
  std::string description;  // what a reader who cannot see it should know
  double end_s = 0;
  double warmup_s = 0;
  bool small = false;      // a glance will do: lower, without a legend
  bool from_zero = false;  // for rates and shares, whose noise is not news
  std::vector<Curve> curves;
  std::optional<DriftLine> drift;
  std::optional<LimitLine> limit;
  std::vector<Band> faults;
  std::vector<Mark> marks;

  struct Range {
    double low = 0, high = 1;
  };
  Range range() const;  // of the values drawn, with room around them
};

}  // namespace soakline
