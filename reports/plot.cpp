#include "reports/plot.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gnuplot-iostream.h>

#include <cmath>
#include <string_view>

#include "reports/gnuplot_process.hpp"
#include "reports/svg.hpp"

namespace soakline {
namespace {

struct Paper {
  const char* name;
  int width, height, small_height, font;
  std::size_t tics, points;  // points a curve: more would fall on the same pixels
};
constexpr Paper wide_paper{"wide", 860, 300, 190, 13, 9, 1200};
constexpr Paper narrow_paper{"narrow", 344, 240, 170, 12, 5, 500};

struct Clock {
  double seconds;
  const char* unit;
};
Clock clock_for(double end_s) {
  if (end_s <= 240) return {1, "seconds"};
  return end_s <= 3 * 3600 ? Clock{60, "minutes"} : Clock{3600, "hours"};
}

std::string ink(Ink role) {
  return ink_colour(static_cast<int>(role));
}

// 1, 2 or 5 times a power of ten, so that there are at most `tics` of them.
double tic_step(double span, std::size_t tics) {
  const double least = span / static_cast<double>(tics);
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double step : {1.0, 2.0, 5.0})
    if (step * power >= least * (1 - 1e-9)) return step * power;
  return 10 * power;
}

class Drawing {
 public:
  Drawing(Gnuplot& gnuplot, const Figure& figure, const Paper& paper)
      : gnuplot_(gnuplot),
        figure_(figure),
        paper_(paper),
        clock_(clock_for(figure.end_s)),
        range_(figure.range()) {}

  void draw(const std::string& name) {
    axes(name);
    background();
    lines();
  }

 private:
  Trace in_clock(Trace trace) const {
    for (auto& point : trace) point.first /= clock_.seconds;
    return trace;
  }

  void axes(const std::string& name) {
    const double end = std::max(figure_.end_s, 1e-3) / clock_.seconds;
    gnuplot_ << "reset\nset encoding utf8\n"
             << fmt::format("set terminal svg size {},{} dynamic enhanced font 'sans-serif,{}' name '{}'\n",
                            paper_.width, figure_.small ? paper_.small_height : paper_.height, paper_.font,
                            name)
             << fmt::format("set border 1 lw 1 lc rgb '{}'\nset grid y lt 1 lw 0.8 lc rgb '{}'\n",
                            ink(Ink::axis), ink(Ink::grid))
             << fmt::format("set tics nomirror out scale 0.4 tc rgb '{}'\nset ytics scale 0\nunset key\n",
                            ink(Ink::text))
             << fmt::format("set xrange [0:{:.9g}]\nset yrange [{:.9g}:{:.9g}]\n", end, range_.low,
                            range_.high)
             << fmt::format("set xtics {:.9g}\n", tic_step(end, paper_.tics))
             << fmt::format("set ytics {:.9g}\n", tic_step(range_.high - range_.low, figure_.small ? 3 : 5))
             << fmt::format("set xlabel '{}' tc rgb '{}' offset 0,0.3\n", clock_.unit, ink(Ink::text))
             << "set format y '%.10g'\nset rmargin 2.5\nset bmargin 3\n"
             << fmt::format("set tmargin {}\n", figure_.marks.empty() || figure_.small ? 0.6 : 1.6);
  }

  void background() {
    if (figure_.warmup_s > 0)
      gnuplot_ << fmt::format(
          "set object 1 rect from 0,graph 0 to {:.9g},graph 1 fc rgb '{}' fs solid noborder behind\n",
          figure_.warmup_s / clock_.seconds, ink(Ink::warmup));
    int object = 2;
    for (const Band& fault : figure_.faults)
      gnuplot_ << fmt::format(
          "set object {} rect from {:.9g},graph 0 to {:.9g},graph 1 fc rgb '{}' fs solid noborder behind\n",
          object++, fault.from_s / clock_.seconds, fault.to_s / clock_.seconds, ink(Ink::fault));
    int number = 1;
    double labelled_s = -figure_.end_s;
    for (const Mark& mark : figure_.marks) {
      const double x = mark.time_s / clock_.seconds;
      if (mark.time_s <= figure_.end_s)
        gnuplot_ << fmt::format(
            "set arrow {} from {:.9g},graph 0 to {:.9g},graph 1 nohead lw 1 dt (2,3) lc rgb '{}'\n", number,
            x, x, ink(Ink::mark));
      // Numbers too close to read are left out; the legend has each moment's time.
      const bool apart = mark.time_s - labelled_s > 0.03 * figure_.end_s;
      if (mark.time_s <= figure_.end_s && !figure_.small && apart) {
        labelled_s = mark.time_s;
        gnuplot_ << fmt::format("set label {} '{}' at {:.9g},graph 1 offset 0,0.55 center tc rgb '{}'\n",
                                number, number, x, ink(Ink::mark));
      }
      ++number;
    }
  }

  // The commands first, then the data in the same order: gnuplot reads each '-' in turn.
  void lines() {
    std::vector<std::string> commands;
    std::vector<Trace> data;
    const auto line = [&](Trace trace, const std::string& look) {
      commands.push_back("'-' using 1:2 with lines " + look);
      data.push_back(in_clock(std::move(trace)));
    };
    if (figure_.drift && figure_.drift->low_slope && figure_.drift->high_slope) {
      commands.push_back(fmt::format(
          "'-' using 1:2 with filledcurves fc rgb '{}' fs transparent solid 0.22 noborder", ink(Ink::drift)));
      data.push_back(in_clock(interval(*figure_.drift)));
    }
    for (const Curve& curve : figure_.curves)
      line(decimated(curve.points, paper_.points),
           fmt::format("lw {} lc rgb '{}'", curve.ink == Ink::first ? 1.6 : 1.1, ink(curve.ink)));
    if (figure_.drift)
      line(sloped(*figure_.drift, figure_.drift->slope), fmt::format("lw 2.2 lc rgb '{}'", ink(Ink::drift)));
    if (figure_.limit) {
      const LimitLine& l = *figure_.limit;
      line({{l.from_s, l.level}, {l.to_s, l.level + l.slope * (l.to_s - l.from_s)}},
           fmt::format("lw 1.8 dt (7,4) lc rgb '{}'", ink(Ink::limit)));
    }

    gnuplot_ << "plot " << fmt::format("{}", fmt::join(commands, ", ")) << "\n";
    for (const Trace& trace : data) gnuplot_.send1d(trace);
  }

  static Trace sloped(const DriftLine& line, double slope) {
    return {{line.from_s, line.level + slope * (line.from_s - line.centre_s)},
            {line.to_s, line.level + slope * (line.to_s - line.centre_s)}};
  }

  // Two triangles that meet where the line was anchored.
  static Trace interval(const DriftLine& line) {
    const Trace low = sloped(line, *line.low_slope), high = sloped(line, *line.high_slope);
    return {low[0], high[0], {line.centre_s, line.level}, high[1], low[1], {line.centre_s, line.level},
            low[0]};
  }

  Gnuplot& gnuplot_;
  const Figure& figure_;
  const Paper& paper_;
  Clock clock_;
  Figure::Range range_;
};

// The document that bears a name, among all that one gnuplot drew; one that failed is not there.
std::string_view document_named(std::string_view drawn, const std::string& name) {
  const std::size_t title = drawn.find("<title>" + name + "</title>");
  if (title == std::string_view::npos) return {};
  const std::size_t begin = drawn.rfind("<svg", title), end = drawn.find("</svg>", title);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  return drawn.substr(begin, end + 6 - begin);
}

std::string drawing_name(const Figure& figure, const Paper& paper) {
  return figure.id + "-" + paper.name;
}

}  // namespace

std::vector<Plot> draw(const std::vector<Figure>& figures, const std::string& gnuplot) {
  std::vector<Plot> plots(figures.size());
  if (figures.empty()) return plots;
  const GnuplotOutput output = run_gnuplot(gnuplot, [&](std::FILE* script) {
    Gnuplot stream(script);
    for (const Figure& figure : figures)
      for (const Paper* paper : {&wide_paper, &narrow_paper})
        Drawing(stream, figure, *paper).draw(drawing_name(figure, *paper));
  });
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const auto svg = [&](const Paper& paper) {
      const std::string name = drawing_name(figures[i], paper);
      return inline_svg(document_named(output.drawn, name),
                        {name, std::string("plot ") + paper.name, figures[i].title, figures[i].description});
    };
    const auto wide = svg(wide_paper), narrow = svg(narrow_paper);
    if (wide && narrow)
      plots[i] = {*wide, *narrow, ""};
    else
      plots[i].error = output.error.empty() ? "no plot: gnuplot drew nothing" : output.error;
  }
  return plots;
}

}  // namespace soakline
